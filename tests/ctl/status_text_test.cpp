// SPDX-License-Identifier: MIT
// status and ps for people.
#include "superd/ctl/status_text.hpp"

#include "tests/catch.hpp"
#include "tests/ctl/answering.hpp"

using namespace superd;

namespace {

const SystemTime now = *parse_time("2026-11-22T12:00:00.000+0000");

std::string status(const Json& daemon, const std::vector<Json>& services) {
  return status_text({{"ok", true}, {"daemon", daemon}, {"services", services}}, now, std::nullopt);
}

}  // namespace

TEST_CASE("status is a head on superd and a row for each service") {
  const Json hello = service_json("hello", R"({"running":2,"started":17,"failed":1,
      "refused":{"rate":3,"access":1},"last_used":"2026-11-22T11:59:57.000+0000",
      "overrides":[{"key":"timeout","value":"10s","expires_ms":3599000}]})");
  const Json quiet = service_json("quiet", R"({"addresses":[],"state":"disabled"})");
  CHECK(status(daemon_json(), {hello, quiet}) ==
        "superd 0.1.0, pid 811, as root, serving /etc/superd/superd.yaml (generation 3), up 1d\n"
        "12 of 10000 handlers running, 102345 connections so far, 5M of memory, 48 descriptors\n"
        "\n"
        "SERVICE  ADDRESSES       STATE      RUNNING  STARTED  REFUSED  FAILED  LAST USED\n"
        "hello    127.0.0.1:7001  listening        2       17        4       1  3s ago\n"
        "    refused: rate 3, access 1\n"
        "    set: timeout is '10s' for another 59min\n"
        "quiet    -               disabled         0        0        0       0  never\n");
}

TEST_CASE("ends are told where not all were fine") {
  const Json one = service_json("a", R"({"ended":{"fine":12,"failed":3,"signal":1}})");
  CHECK_THAT(status(daemon_json(), {one}),
             Catch::Contains("    ended: 12 fine, 3 with another status, 1 by a signal\n"));
}

TEST_CASE("what is wrong with superd itself is in the head") {
  const auto lines = daemon_lines(
      daemon_json(R"({"paused":"out of descriptors","dropped_lines":7,"table":null})"));
  REQUIRE(lines.size() == 4);
  CHECK_THAT(lines[0], Catch::Contains("serving a command line"));
  CHECK(lines[2] == "no listener accepts: out of descriptors");
  CHECK(lines[3] == "the log lost 7 lines");
}

TEST_CASE("what strangers supplied can't move the cursor") {
  Json service = service_json("a\x1b[2J", R"({"refused":{"rate\n":1}})");
  service["addresses"] = {"unix:/tmp/\x07"};
  const std::string text = status(daemon_json(), {service});
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\x07') == std::string::npos);
  CHECK_THAT(text, Catch::Contains("rate\\n 1"));
}

TEST_CASE("an answer of another version, with members missing or changed, is shown as it can be") {
  CHECK_NOTHROW(status(json("{}"), {json("{}"), json(R"({"name":7,"refused":[1]})")}));
  CHECK_NOTHROW(status_text(json("{}"), now, 80));
  CHECK_NOTHROW(ps_text(json(R"({"connections":[{"pid":"x"},1,null]})"), 80));
}

TEST_CASE("what programs say of themselves has a column where one says something, escaped") {
  const Json answer{
      {"connections",
       {connection_json(1), connection_json(2, R"({"state":"ready","status":"a\u001b[1m"})")}}};
  CHECK(ps_text(answer, std::nullopt) ==
        "PID  SERVICE  PEER             STATE    AGE   CPU  MEMORY  STATUS\n"
        "901  hello    127.0.0.1:50212  running   1s  20ms      1M\n"
        "902  hello    127.0.0.1:50212  ready     1s  20ms      1M  a\\x1b[1m\n");
}

TEST_CASE("ps is a row for each connection; one without a process has no pid") {
  const Json answer{
      {"connections", {connection_json(1), connection_json(2, R"({"pid":0,"state":"waiting"})")}}};
  CHECK(ps_text(answer, std::nullopt) ==
        "PID  SERVICE  PEER             STATE    AGE   CPU  MEMORY\n"
        "901  hello    127.0.0.1:50212  running   1s  20ms      1M\n"
        "  -  hello    127.0.0.1:50212  waiting   1s  20ms      1M\n");
}
