// SPDX-License-Identifier: MIT
// The rule by which a zone's clock goes in years that no table lists: TZ as POSIX writes it,
// "CET-1CEST,M3.5.0,M10.5.0/3".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace superd {

class ZoneRule {
 public:
  /// A day of a year and a time of that day, in seconds, that may be beyond the day.
  struct Turn {
    enum class Kind : std::uint8_t { week_of_month, day, day_without_leap };
    Kind kind = Kind::day;
    int month = 1, week = 1, weekday = 0;  // week 5: the last
    int day = 0;
    std::int32_t time = 7200;
  };

  static std::optional<ZoneRule> parse(std::string_view text);
  static ZoneRule fixed(std::int32_t offset);

  /// Seconds to add to UTC at `seconds` since 1970.
  std::int32_t offset_at(std::int64_t seconds) const;

 private:
  std::int32_t standard_ = 0;
  std::optional<std::int32_t> summer_;
  Turn begin_, end_;  // of summer
};

}  // namespace superd
