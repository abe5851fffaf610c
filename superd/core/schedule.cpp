// SPDX-License-Identifier: MIT
// Days are a set of seven bits, times are minutes.
#include "superd/core/schedule.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "superd/base/number.hpp"

namespace superd {
namespace {

constexpr std::string_view day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr unsigned week = 7;
constexpr std::uint8_t every_day = 0x7F;
constexpr unsigned day_minutes = 24 * 60;

constexpr const char* remedy =
    "give days and times, such as Mon-Fri 08:00-18:00, Sat or 22:00-06:00";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// "Mon", "monday".
std::optional<unsigned> parse_day(std::string_view text) {
  constexpr std::string_view whole[] = {"sunday",   "monday", "tuesday", "wednesday",
                                        "thursday", "friday", "saturday"};
  std::string word(text);
  std::transform(word.begin(), word.end(), word.begin(), lower);
  for (unsigned day = 0; day < week; ++day) {
    if (word == whole[day] || word == whole[day].substr(0, 3)) return day;
  }
  return std::nullopt;
}

// "Mon", "Fri-Mon".
std::optional<std::uint8_t> parse_day_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = parse_day(text.substr(0, dash));
  const auto last = dash == text.npos ? first : parse_day(text.substr(dash + 1));
  if (!first || !last) return std::nullopt;
  unsigned days = 0;
  for (unsigned day = *first;; day = (day + 1) % week) {
    days |= 1U << day;
    if (day == *last) return static_cast<std::uint8_t>(days);
  }
}

std::optional<std::uint8_t> parse_days(std::string_view text) {
  unsigned days = 0;
  for (;;) {
    const std::size_t comma = text.find(',');
    const auto some = parse_day_range(text.substr(0, comma));
    if (!some) return std::nullopt;
    days |= *some;
    if (comma == text.npos) return static_cast<std::uint8_t>(days);
    text.remove_prefix(comma + 1);
  }
}

// "08:00", "8:00", "24:00".
std::optional<std::uint16_t> parse_time(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos || colon == 0 || colon > 2 || text.size() != colon + 3) {
    return std::nullopt;
  }
  const auto hour = parse_number(text.substr(0, colon), 0, 24);
  const auto minute = parse_number(text.substr(colon + 1), 0, 59);
  if (!hour || !minute || (*hour == 24 && *minute != 0)) return std::nullopt;
  return static_cast<std::uint16_t>(*hour * 60 + *minute);
}

Result<Window> with_times(Window window, std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto from = parse_time(text.substr(0, dash));
  const auto to = dash == text.npos ? std::nullopt : parse_time(text.substr(dash + 1));
  if (!from || !to) return Error{remedy};
  if (*from == day_minutes) return Error{"24:00 only ends a day; give 00:00 for its beginning"};
  if (*from == *to) {
    return Error{"it ends when it begins; give 00:00-24:00 for the whole day"};
  }
  window.from = *from;
  window.to = *to;
  return window;
}

bool has_day(const Window& window, unsigned day) { return (window.days >> day & 1U) != 0; }

bool is_in(const Window& window, const LocalTime& now) {
  const bool goes_on = window.to <= window.from;  // into the day after
  if (has_day(window, now.weekday) && now.minute >= window.from &&
      (goes_on || now.minute < window.to)) {
    return true;
  }
  const unsigned yesterday = (now.weekday + week - 1) % week;
  return goes_on && has_day(window, yesterday) && now.minute < window.to;
}

std::string time_text(unsigned minutes) {
  const auto two = [](unsigned number) {
    return std::string(number < 10 ? "0" : "") + std::to_string(number);
  };
  return two(minutes / 60) + ":" + two(minutes % 60);
}

// Runs of days, beginning with Monday: "Mon-Fri", "Mon,Wed", "Sat-Mon" where it wraps.
std::string days_text(std::uint8_t days) {
  const auto has = [&](unsigned day) { return (days >> (day % week) & 1U) != 0; };
  unsigned begin = 1;  // a day that isn't in the middle of a run
  while (begin < 1 + week && has(begin) && has(begin + week - 1)) ++begin;
  std::string text;
  for (unsigned day = begin; day < begin + week;) {
    if (!has(day)) {
      ++day;
      continue;
    }
    unsigned last = day;
    while (last + 1 < begin + week && has(last + 1)) ++last;
    if (!text.empty()) text += ',';
    text += day_names[day % week];
    if (last > day) text.append("-").append(day_names[last % week]);
    day = last + 1;
  }
  return text;
}

}  // namespace

bool is_open(const Schedule& schedule, const LocalTime& now) {
  return schedule.windows.empty() ||
         std::any_of(schedule.windows.begin(), schedule.windows.end(),
                     [&](const Window& window) { return is_in(window, now); });
}

Result<Window> parse_window(std::string_view text) {
  Window window{every_day, 0, day_minutes};
  const std::size_t blank = text.find(' ');
  const auto days = parse_days(text.substr(0, blank));
  if (days) window.days = *days;
  if (blank == text.npos) return days ? as_result(window) : with_times(window, text);
  if (!days) return Error{remedy};
  const std::size_t times = text.find_first_not_of(' ', blank);
  return with_times(window, times == text.npos ? std::string_view() : text.substr(times));
}

std::string to_text(const Window& window) {
  const bool is_whole_day = window.from == 0 && window.to == day_minutes;
  const std::string times = time_text(window.from) + "-" + time_text(window.to);
  if (window.days == every_day) return times;
  return days_text(window.days) + (is_whole_day ? "" : " " + times);
}

std::string to_text(const LocalTime& time) {
  return std::string(day_names[time.weekday % week]) + " " + time_text(time.minute);
}

std::string to_text(const Schedule& schedule) {
  std::string text;
  for (const Window& window : schedule.windows) {
    if (!text.empty()) text += ", ";
    text += to_text(window);
  }
  if (text.empty()) return "always";
  return schedule.zone.empty() ? text : text + " (" + schedule.zone + ")";
}

// A moment is where a window to the end of its day begins.
Result<LocalTime> parse_local_time(std::string_view text) {
  const auto window = parse_window(std::string(text) + "-24:00");
  const bool is_one_day = window && std::has_single_bit(window->days);
  if (!is_one_day || text.find(':') == text.npos || window->from >= 24 * 60)
    return Error{"give a day and a time, such as 'Sat 23:30'", 0};
  return LocalTime{static_cast<unsigned>(std::countr_zero(window->days)), window->from};
}

}  // namespace superd
