// SPDX-License-Identifier: MIT
// What the clock on the wall shows in a time zone: that of the machine, or one of the tz database,
// read from its file. The process's own zone (TZ, tzset(3)) is never changed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "superd/base/result.hpp"
#include "superd/base/timestamp.hpp"
#include "superd/core/schedule.hpp"
#include "superd/os/zone_rule.hpp"

namespace superd {

/// On the machine's own wall.
LocalTime local_time(Moment moment);

class TimeZone {
 public:
  /// "Asia/Seoul": a file below /usr/share/zoneinfo.
  static Result<TimeZone> load(const std::string& name);
  /// A file's bytes, TZif version 2 or later (RFC 8536).
  static Result<TimeZone> parse(std::string_view bytes);

  LocalTime at(Moment moment) const;
  /// Seconds to add to UTC.
  std::int32_t offset_at(std::int64_t seconds) const;

 private:
  struct Change {
    std::int64_t since;  // seconds since 1970
    std::int32_t offset;
  };
  std::int32_t first_offset_ = 0;  // before all changes
  std::vector<Change> changes_;
  ZoneRule rule_;  // after the last
};

/// Whether load() would find it.
bool has_zone(const std::string& name);

}  // namespace superd
