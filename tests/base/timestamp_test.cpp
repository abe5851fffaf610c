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
