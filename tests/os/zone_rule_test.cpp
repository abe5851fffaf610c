// SPDX-License-Identifier: MIT
// Rules in POSIX's words: what they mean at their turns, and what is none.
#include "superd/os/zone_rule.hpp"

#include "superd/base/timestamp.hpp"
#include "tests/catch.hpp"

using namespace superd;

namespace {

std::int64_t at(const char* text) {
  return std::chrono::duration_cast<std::chrono::seconds>(parse_timestamp(text)->time_since_epoch())
      .count();
}

}  // namespace

TEST_CASE("rules say when the clock is put forward and back") {
  struct Row {
    const char *rule, *moment;
    int minutes;
  };
  const Row row = GENERATE(values<Row>({
      {"KST-9", "2030-01-01T00:00:00Z", 540},
      {"<+0330>-3:30", "2030-01-01T00:00:00Z", 210},
      {"<-03>3", "2030-01-01T00:00:00Z", -180},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2030-03-31T00:59:59Z", 60},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2030-03-31T01:00:00Z", 120},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2030-10-27T00:59:59Z", 120},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2030-10-27T01:00:00Z", 60},
      {"EST5EDT,M3.2.0,M11.1.0", "2030-07-01T00:00:00Z", -240},
      {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2030-01-01T00:00:00Z", 660},
      {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2030-07-01T00:00:00Z", 600},
      {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2030-01-01T00:00:00Z", 660},
      {"IST-1GMT0,M10.5.0,M3.5.0/1", "2030-01-01T00:00:00Z", 0},
      {"IST-1GMT0,M10.5.0,M3.5.0/1", "2030-07-01T00:00:00Z", 60},
      {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2030-03-31T00:59:59Z", -120},
      {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2030-03-31T01:00:00Z", -60},
      {"AAA0BBB,J60/0,J300/0", "2028-02-29T12:00:00Z", 0},
      {"AAA0BBB,J60/0,J300/0", "2028-03-01T00:00:00Z", 60},
      {"AAA0BBB,59/0,300/0", "2028-02-29T00:00:00Z", 60},
  }));
  CAPTURE(row.rule, row.moment);
  const auto rule = ZoneRule::parse(row.rule);
  REQUIRE(rule);
  CHECK(rule->offset_at(at(row.moment)) == row.minutes * 60);
}

TEST_CASE("what is no rule is refused") {
  for (const char* text :
       {"", "K", "KST", "KS-9", "<+03-3", "CET-1CEST", "CET-1CEST,", "CET-1CEST,M3.5.0",
        "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M1.1.0", "CET-1CEST,M3.5.7,M1.1.0",
        "CET-1CEST,J0,J1", "CET-1CEST,366,1", "CET-168", "CET-1:60",
        "CET-1CEST,M3.5.0,M10.5.0/3x"}) {
    CAPTURE(text);
    CHECK(!ZoneRule::parse(text));
  }
}
