// SPDX-License-Identifier: MIT
// `hours`: windows of the week in which a service is open, by the clock on the wall. Reads no clock
// and knows no zones: an hour that daylight saving leaves out never comes, and one that it repeats
// is open both times.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "superd/base/result.hpp"

namespace superd {

/// What the wall shows.
struct LocalTime {
  unsigned weekday = 0;  // 0 is Sunday, as in struct tm
  unsigned minute = 0;   // of the day, 0 to 1439

  bool operator==(const LocalTime&) const = default;
};

/// From `from` until before `to`, on each of `days`; where `to` is not after `from`, until the day
/// after.
struct Window {
  std::uint8_t days = 0;   // bit 0 is Sunday
  std::uint16_t from = 0;  // minutes of the day
  std::uint16_t to = 0;    // up to 1440

  auto operator<=>(const Window&) const = default;
};

struct Schedule {
  std::vector<Window> windows;  // none: always open
  std::string zone;             // "Asia/Seoul"; empty: that of the machine

  auto operator<=>(const Schedule&) const = default;
};

/// "Sat 23:30". The error is a remedy.
Result<LocalTime> parse_local_time(std::string_view text);

bool is_open(const Schedule& schedule, const LocalTime& now);

/// "Mon-Fri 08:00-18:00", "Sat 22:00-02:00" (until Sunday), "Fri-Mon", "Mon,Wed 9:30-12:00",
/// "00:00-24:00". The error is a remedy.
Result<Window> parse_window(std::string_view text);

std::string to_text(const Window& window);      // as it is parsed
std::string to_text(const LocalTime& time);     // "Mon 08:00"
std::string to_text(const Schedule& schedule);  // "Mon-Fri 08:00-18:00, Sat (Asia/Seoul)"

}  // namespace superd
