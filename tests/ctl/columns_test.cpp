// SPDX-License-Identifier: MIT
// Columns, whole and squeezed.
#include "superd/ctl/columns.hpp"

#include "superd/ctl/text.hpp"
#include "tests/catch.hpp"

using namespace superd;

namespace {

Columns addresses() {
  Columns table({{"NAME", false, true}, {"COUNT", true}, {"WHERE", false, true}});
  table.add({"hello", "17", "127.0.0.1:7001, [2001:db8::1]:7001, unix:/run/hello.sock"});
  table.add_note("refused: rate 3");
  table.add({"q", "0", "-"});
  return table;
}

}  // namespace

TEST_CASE("columns are as wide as their longest cell, and nothing is cut without a width") {
  CHECK(join_lines(addresses().lines(std::nullopt)) ==
        "NAME   COUNT  WHERE\n"
        "hello     17  127.0.0.1:7001, [2001:db8::1]:7001, unix:/run/hello.sock\n"
        "    refused: rate 3\n"
        "q          0  -\n");
}

TEST_CASE("with a width, the last column that may shrink does first") {
  const auto lines = addresses().lines(30);
  CHECK(lines[1] == "hello     17  127.0.0.1:7001,…");
  for (const std::string& line : lines) CHECK(columns_of(line) <= 30);
}

TEST_CASE("what can shrink no more is cut at the edge") {
  for (const std::string& line : addresses().lines(12)) CHECK(columns_of(line) <= 12);
}
