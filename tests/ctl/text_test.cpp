// SPDX-License-Identifier: MIT
// Times, durations, widths and safe lines.
#include "superd/ctl/text.hpp"

#include "tests/catch.hpp"

using namespace superd;
using namespace std::chrono_literals;

TEST_CASE("superd's times are understood, with any zone") {
  const auto noon = parse_time("2026-11-22T12:00:00.250+0000");
  REQUIRE(noon);
  CHECK(noon->time_since_epoch() == 1795348800250ms);
  CHECK(parse_time("2026-11-22T13:30:00.250+0130") == noon);
  CHECK(parse_time("2026-11-22T11:00:00.250-01:00") == noon);
  CHECK(parse_time("2026-11-22T12:00:00.250Z") == noon);
}

TEST_CASE("what is no time is none") {
  for (const char* text :
       {"", "yesterday", "2026-11-22", "2026-11-22T12:00:00.250", "2026-11-22 12:00:00.250+0000",
        "2026-13-22T12:00:00.250+0000", "2026-11-22T12:00:00.25x+0000",
        "2026-11-22T12:00:00.250+00", "2026-11-22T12:00:00.250+0x00"}) {
    CAPTURE(text);
    CHECK(!parse_time(text));
  }
}

TEST_CASE("how long ago is told in the larger unit alone") {
  const SystemTime now = *parse_time("2026-11-22T12:00:00.000+0000");
  CHECK(ago("", now) == "never");
  CHECK(ago("2026-11-22T11:59:59.500+0000", now) == "now");
  CHECK(ago("2026-11-22T12:00:05.000+0000", now) == "now");  // clocks are set, too
  CHECK(ago("2026-11-22T11:59:57.000+0000", now) == "3s ago");
  CHECK(ago("2026-11-22T11:01:00.000+0000", now) == "59min ago");
  CHECK(ago("2026-11-22T09:01:00.000+0000", now) == "2h ago");
  CHECK(ago("2026-11-01T12:00:00.000+0000", now) == "21d ago");
  CHECK(ago("soon\n", now) == "soon\\n");
}

TEST_CASE("lines keep their ends and backslashes, and lose what moves a cursor") {
  CHECK(safe_lines("a: \"\\n\"\nb") == "a: \"\\n\"\nb\n");
  CHECK(safe_lines("a\x1b[2Jb\n") == "a\\x1b[2Jb\n");
  CHECK(safe_lines("").empty());
}

TEST_CASE("text is cut to its place, by characters") {
  CHECK(fit("hello", 5) == "hello");
  CHECK(fit("hello", 4) == "hel…");
  CHECK(fit("grün", 4) == "grün");
  CHECK(fit("grüner", 4) == "grü…");
  CHECK(fit("hello", 1) == "…");
  CHECK(fit("hello", 0).empty());
}
