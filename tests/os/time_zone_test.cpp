// SPDX-License-Identifier: MIT
// Zones of this machine's tz database against what the C library says, hour by hour, and at the
// seconds where daylight saving begins and ends.
#include "superd/os/time_zone.hpp"

#include <cstdlib>
#include <ctime>

#include "tests/catch.hpp"

using namespace superd;

namespace {

// The C library in another zone: tests may change what the daemon never does.
class InZone {
 public:
  explicit InZone(const char* name) {
    setenv("TZ", name, 1);
    tzset();
  }
  InZone(const InZone&) = delete;
  InZone& operator=(const InZone&) = delete;
  ~InZone() {
    unsetenv("TZ");
    tzset();
  }
};

Moment moment(const char* text) { return *parse_timestamp(text); }
Moment moment(std::int64_t seconds) { return Moment(std::chrono::seconds(seconds)); }

}  // namespace

TEST_CASE("a zone shows what the C library shows, from 1970 to 2100") {
  const char* name =
      GENERATE("UTC", "Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
               "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia", "Africa/Casablanca",
               "Europe/Dublin", "America/Nuuk", "Asia/Tehran", "Antarctica/Troll");
  CAPTURE(name);
  const auto zone = TimeZone::load(name);
  if (!zone) {
    WARN("the tz database here has no " << name);
    return;
  }
  const InZone libc(name);
  for (std::int64_t time = 0; time < 4'102'444'800; time += 5 * 3600 + 1800) {
    if (zone->at(moment(time)) == local_time(moment(time))) continue;
    CAPTURE(time);
    REQUIRE(to_text(zone->at(moment(time))) == to_text(local_time(moment(time))));
  }
}

TEST_CASE("an hour is left out in spring and comes twice in autumn") {
  const auto zone = TimeZone::load("Europe/Berlin");
  REQUIRE(zone.has_value());
  struct Row {
    const char *moment, *wall;
  };
  const Row row = GENERATE(values<Row>({{"2026-03-29T00:59:59Z", "Sun 01:59"},
                                        {"2026-03-29T01:00:00Z", "Sun 03:00"},
                                        {"2026-10-25T00:30:00Z", "Sun 02:30"},
                                        {"2026-10-25T00:59:59Z", "Sun 02:59"},
                                        {"2026-10-25T01:00:00Z", "Sun 02:00"},
                                        {"2026-10-25T01:30:00Z", "Sun 02:30"},
                                        {"2026-10-25T02:00:00Z", "Sun 03:00"},
                                        {"2099-07-01T10:00:00Z", "Wed 12:00"},
                                        {"1970-01-01T00:00:00Z", "Thu 01:00"}}));
  CAPTURE(row.moment);
  CHECK(to_text(zone->at(moment(row.moment))) == row.wall);
}

TEST_CASE("what is no zone is an error") {
  for (const char* name : {"", "Mars/Olympus", "../../../etc/passwd", "/etc/localtime", "Asia/",
                           "Asia", "zone.tab", "tzdata.zi"}) {
    CAPTURE(name);
    CHECK(!has_zone(name));
  }
  CHECK(has_zone("UTC"));
}

TEST_CASE("a file that is cut anywhere is refused, not read beyond its end") {
  CHECK(!TimeZone::parse("").has_value());
  CHECK(!TimeZone::parse("TZif").has_value());
  // No changes, one type of offset 9 h, and the rule.
  const auto block = [](char version) {
    std::string bytes = std::string("TZif") + version + std::string(15 + 16, '\0');
    return bytes + std::string("\0\0\0\1\0\0\0\4", 8) + std::string("\0\0\x7E\x90\0\0KST\0", 10);
  };
  const std::string whole = block('2') + block('2') + "\nKST-9\n";
  const auto zone = TimeZone::parse(whole);
  REQUIRE(zone.has_value());
  CHECK(zone->offset_at(0) == 9 * 3600);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK(!TimeZone::parse(whole.substr(0, size)).has_value());
  }
  CHECK(!TimeZone::parse(block('1') + block('1') + "\nKST-9\n").has_value());
  CHECK(!TimeZone::parse(block('2') + block('2') + "\nKST\n").has_value());
}
