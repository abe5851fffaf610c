// SPDX-License-Identifier: MIT
// Moments as logs write them, in three zones.
#include "superd/base/timestamp.hpp"

#include <cstdlib>
#include <ctime>

#include "tests/catch.hpp"

using namespace superd;

namespace {

// Changes the zone of this process, and back.
class Zone {
 public:
  explicit Zone(const char* name) {
    setenv("TZ", name, 1);
    tzset();
  }
  ~Zone() {
    unsetenv("TZ");
    tzset();
  }
};

}  // namespace

TEST_CASE("a moment is RFC 3339 with milliseconds and the offset of its place") {
  struct Row {
    const char* zone;
    std::int64_t milliseconds;
    std::string text;
  };
  const Row row = GENERATE(values<Row>({
      {"UTC0", 0, "1970-01-01T00:00:00.000+00:00"},
      {"UTC0", 1'795'341'600'007, "2026-11-22T10:00:00.007+00:00"},
      {"CET-1", 1'795'341'600'999, "2026-11-22T11:00:00.999+01:00"},
      {"NST3:30", 1'795'341'600'000, "2026-11-22T06:30:00.000-03:30"},
      {"UTC0", -1, "1969-12-31T23:59:59.999+00:00"},
  }));
  CAPTURE(row.zone, row.milliseconds);
  const Zone zone(row.zone);
  CHECK(to_timestamp(Moment(std::chrono::milliseconds(row.milliseconds))) == row.text);
}

TEST_CASE("microseconds are cut") {
  const Zone zone("UTC0");
  CHECK(to_timestamp(Moment(std::chrono::microseconds(1'999))) == "1970-01-01T00:00:00.001+00:00");
}

TEST_CASE("a moment that was written is read again") {
  const auto at = [](const char* text) {
    const auto moment = parse_timestamp(text);
    return moment
               ? std::chrono::duration_cast<std::chrono::milliseconds>(moment->time_since_epoch())
                     .count()
               : -1;
  };
  CHECK(at("1970-01-01T00:00:00Z") == 0);
  CHECK(at("1970-01-01T01:00:00.125+01:00") == 125);
  CHECK(at("2026-11-22T10:00:00.1239-02:30") == 1795350600123);
  CHECK(at("2028-02-29T00:00:00Z") == 1835395200000);
  const Moment moment = std::chrono::system_clock::from_time_t(1795350600);
  CHECK(parse_timestamp(to_timestamp(moment)) == moment);
  for (const char* text :
       {"", "2026-11-22", "2026-11-22T10:00:00", "2026-11-22 10:00:00Z", "2026-02-29T10:00:00Z",
        "2026-13-01T10:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T10:00:00.Z",
        "2026-11-22T10:00:00+1:00", "2026-11-22T10:00:00+01:00x", "-026-11-22T10:00:00Z"}) {
    CAPTURE(text);
    CHECK(!parse_timestamp(text));
  }
}
