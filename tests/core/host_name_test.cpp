// SPDX-License-Identifier: MIT
// What counts as a host's name.
#include "superd/core/host_name.hpp"

#include "tests/catch.hpp"

using namespace superd;

namespace {

std::string read(std::string_view told) { return read_host_name(told).value_or("none"); }

std::string label_of(std::size_t length) { return std::string(length, 'a'); }

}  // namespace

TEST_CASE("names are read in lower case and without the dot at the end") {
  CHECK(read("host.example.org") == "host.example.org");
  CHECK(read("Host.EXAMPLE.org.") == "host.example.org");
  CHECK(read("localhost") == "localhost");
  CHECK(read("4.example.org") == "4.example.org");
  CHECK(read("xn--bcher-kva.example") == "xn--bcher-kva.example");
  CHECK(read("a-b.0x7f") == "none");
  CHECK(read("0x7f.example") == "0x7f.example");
  CHECK(read("a.0xyz") == "a.0xyz");
}

TEST_CASE("what isn't a host's name") {
  const std::string told = GENERATE(values<std::string>({"",
                                                         ".",
                                                         "..",
                                                         ".example.org",
                                                         "a..b",
                                                         "a.b..",
                                                         "-a.b",
                                                         "a-.b",
                                                         "a_b.example",
                                                         "a b",
                                                         "a\nb",
                                                         std::string("a\0b", 3),
                                                         "*.example.org",
                                                         "b\xC3\xBC"
                                                         "cher.example",
                                                         "a\\.b",
                                                         "a/b",
                                                         "a:b",
                                                         "@net",
                                                         "127.0.0.1",
                                                         "127.1",
                                                         "127.0.0.1.",
                                                         "1",
                                                         "0x7f000001",
                                                         "0X7F.1",
                                                         "010.010",
                                                         "a.1",
                                                         "2001:db8::1",
                                                         "::1",
                                                         "0x"}));
  CAPTURE(told);
  CHECK(read(told) == "none");
}

TEST_CASE("labels and names have an end") {
  CHECK(read(label_of(63) + ".org") != "none");
  CHECK(read(label_of(64) + ".org") == "none");
  std::string name = label_of(63) + "." + label_of(63) + "." + label_of(63) + "." + label_of(61);
  REQUIRE(name.size() == longest_host_name);
  CHECK(read(name) == name);
  CHECK(read(name + ".") == name);
  CHECK(read(name + "a") == "none");
  CHECK(read(std::string(100'000, 'a')) == "none");
}
