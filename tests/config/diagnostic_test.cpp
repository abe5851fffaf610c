// SPDX-License-Identifier: MIT
// A diagnostic as it is printed: place, message, line, caret.
#include "superd/config/diagnostic.hpp"

#include "superd/config/report.hpp"
#include "tests/catch.hpp"

using namespace superd;

namespace {

const auto file = std::make_shared<const std::string>("finger.yaml");

std::string printed(int column, const std::string& source) {
  return to_text(Diagnostic{Severity::error, {file, 9, column}, "fault; remedy", source});
}

}  // namespace

TEST_CASE("a caret stands below what is wrong") {
  CHECK(printed(5, "    alow: x") ==
        "finger.yaml:9:5: fault; remedy\n"
        "      alow: x\n"
        "      ^\n");
}

TEST_CASE("a warning is called one, and needs no line") {
  const Diagnostic warning{Severity::warning, {file, 0, 0}, "fault; remedy", ""};
  CHECK(to_text(warning) == "finger.yaml: warning: fault; remedy\n");
  CHECK(!has_errors({warning}));
  CHECK(has_errors({warning, {Severity::error, {}, "fault", ""}}));
  CHECK(to_text(Diagnostic{Severity::error, {}, "fault; remedy", ""}) ==
        "command line: fault; remedy\n");
}

TEST_CASE("what could move the cursor is a blank, and the caret still fits") {
  CHECK(printed(4,
                "\ta\x1B"
                "b") == "finger.yaml:9:4: fault; remedy\n   a b\n     ^\n");
  CHECK(printed(3,
                "\xC3\xA9\xFF"
                "x") == "finger.yaml:9:3: fault; remedy\n  \xC3\xA9 x\n    ^\n");
  CHECK(printed(2, "\\x") == "finger.yaml:9:2: fault; remedy\n  \\x\n   ^\n");
}

TEST_CASE("a caret stays near its line, whatever the column") {
  CHECK(printed(100, "ab") == "finger.yaml:9:100: fault; remedy\n  ab\n    ^\n");
  CHECK(printed(0, "ab") == "finger.yaml:9: fault; remedy\n  ab\n  ^\n");
}

TEST_CASE("a long line is cut around the caret") {
  std::string line(1001, 'a');
  line[500] = 'X';
  CHECK(printed(501, line) == "finger.yaml:9:501: fault; remedy\n  …" + line.substr(476, 74) +
                                  "…\n" + std::string(27, ' ') + "^\n");
  const std::string early = printed(1, std::string(500, 'a'));
  CHECK(early == "finger.yaml:9:1: fault; remedy\n  " + std::string(74, 'a') + "…\n  ^\n");
}

TEST_CASE("a report is in the order of files and lines, each thing said once") {
  Report report;
  Source first, second;
  first.file = std::make_shared<const std::string>("a.yaml");
  first.text = "one\r\ntwo\n";
  second.file = std::make_shared<const std::string>("b.yaml");
  second.text = "three";
  report.keep(first);
  report.keep(second);
  report.error({second.file, 1, 2}, "late");
  report.error({first.file, 2, 1}, "second");
  report.warning({first.file, 1, 3}, "first");
  report.error({first.file, 2, 1}, "second");
  report.error({first.file, 0, 0}, "whole");
  const Diagnostics said = report.take();
  REQUIRE(said.size() == 4);
  CHECK(said[0].message == "whole");
  CHECK(said[0].source.empty());
  CHECK(said[1].message == "first");
  CHECK(said[1].source == "one");
  CHECK(said[2].message == "second");
  CHECK(said[2].source == "two");
  CHECK(said[3].source == "three");
}

TEST_CASE("a report ends after a thousand things, and then it is no good one") {
  Report report;
  for (int line = 1; line < 3000; ++line) report.warning({file, line, 1}, "odd");
  CHECK(report.has_errors());
  const Diagnostics said = report.take();
  CHECK(said.size() == 1001);
  CHECK(said.back().message == "there are more faults than fit here; mend these first");
}
