// SPDX-License-Identifier: MIT
// Times, durations and widths.
#include "superd/ctl/text.hpp"

#include <algorithm>

#include "superd/base/text.hpp"
#include "superd/base/utf8.hpp"

namespace superd {
namespace {

using namespace std::chrono;

// The digits at `at`; nullopt where one of `count` is none.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// The minutes east of Greenwich in "+0100", "+01:00" or "Z".
std::optional<int> zone(std::string_view text) {
  if (text == "Z") return 0;
  const std::size_t second = text.size() == 6 && text[3] == ':' ? 4 : 3;
  if (text.size() != second + 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto hour = digits(text, 1, 2), minute = digits(text, second, 2);
  if (!hour || !minute) return std::nullopt;
  const int east = *hour * 60 + *minute;
  return text[0] == '-' ? -east : east;
}

}  // namespace

std::string safe_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\n\\"), text.size());
    escape_to(out, text.substr(0, end));
    if (end < text.size()) out += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (!out.empty() && out.back() != '\n') out += '\n';
  return out;
}

std::optional<SystemTime> parse_time(std::string_view text) {
  constexpr std::string_view form = "0000-00-00T00:00:00.000";
  if (text.size() <= form.size()) return std::nullopt;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] != '0' && form[i] != text[i]) return std::nullopt;
  }
  const auto years = digits(text, 0, 4), month_ = digits(text, 5, 2), day_ = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), sec = digits(text, 17, 2);
  const auto fraction = digits(text, 20, 3), east = zone(text.substr(form.size()));
  if (!years || !month_ || !day_ || !hour || !minute || !sec || !fraction || !east)
    return std::nullopt;
  const year_month_day date{year(*years), month(static_cast<unsigned>(*month_)),
                            day(static_cast<unsigned>(*day_))};
  if (!date.ok()) return std::nullopt;
  return SystemTime(sys_days(date).time_since_epoch() + hours(*hour) + minutes(*minute - *east) +
                    seconds(*sec) + milliseconds(*fraction));
}

std::string roughly(Milliseconds duration) {
  struct Unit {
    Milliseconds length;
    const char* name;
  };
  static constexpr Unit units[] = {{hours(24), "d"}, {hours(1), "h"}, {minutes(1), "min"}};
  for (const Unit& unit : units) {
    if (duration >= unit.length) return std::to_string(duration / unit.length) + unit.name;
  }
  return std::to_string(std::max<std::int64_t>(0, duration / seconds(1))) + "s";
}

std::string ago(const std::string& time, SystemTime now) {
  if (time.empty()) return "never";
  const auto then = parse_time(time);
  if (!then) return escape(time);
  return now - *then < seconds(1) ? "now" : roughly(now - *then) + " ago";
}

std::size_t columns_of(std::string_view text) { return count_characters(text); }

std::string fit(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t bytes = 0;
  for (std::size_t shown = 0; shown + 1 < columns; ++shown)
    bytes += std::max<std::size_t>(1, first_character(text.substr(bytes)).length);
  return std::string(text.substr(0, bytes)) + "…";
}

}  // namespace superd
