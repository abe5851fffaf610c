// SPDX-License-Identifier: MIT
// Moments to text and back.
#include "superd/base/timestamp.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "superd/base/number.hpp"

namespace superd {
namespace {

// The number in the `count` digits at `at`.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count, int lowest,
                          int highest) {
  if (text.size() < at + count) return std::nullopt;
  const auto number = parse_number(text.substr(at, count), lowest, highest);
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

// "Z", "+01:00".
std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
  if (text == "Z") return std::chrono::minutes(0);
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto hours = digits(text, 1, 2, 0, 23), minutes = digits(text, 4, 2, 0, 59);
  if (!hours || !minutes) return std::nullopt;
  const std::chrono::minutes offset(*hours * 60 + *minutes);
  return text[0] == '-' ? -offset : offset;
}

}  // namespace

std::string to_timestamp(Moment moment) {
  const auto second = std::chrono::floor<std::chrono::seconds>(moment);
  const auto thousandths = std::chrono::floor<std::chrono::milliseconds>(moment - second).count();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(second);
  std::tm local{};
  localtime_r(&seconds, &local);
  char date[48];
  const std::size_t length = std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &local);
  const long minutes = local.tm_gmtoff / 60;
  char rest[48];
  std::snprintf(rest, sizeof rest, ".%03d%c%02ld:%02ld", static_cast<int>(thousandths),
                minutes < 0 ? '-' : '+', std::labs(minutes) / 60, std::labs(minutes) % 60);
  return std::string(date, length) + rest;
}

std::optional<Moment> parse_timestamp(std::string_view text) {
  constexpr std::string_view form = "    -  -  T  :  :  ";
  if (text.size() < form.size()) return std::nullopt;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] != ' ' && form[i] != text[i]) return std::nullopt;
  }
  const auto year = digits(text, 0, 4, 1970, 9999), month = digits(text, 5, 2, 1, 12);
  const auto day = digits(text, 8, 2, 1, 31), hour = digits(text, 11, 2, 0, 23);
  const auto minute = digits(text, 14, 2, 0, 59), second = digits(text, 17, 2, 0, 60);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  std::string_view rest = text.substr(form.size());
  std::chrono::milliseconds fraction{0};
  if (rest.starts_with('.')) {
    const std::size_t end = rest.find_first_not_of("0123456789", 1);
    if (end == rest.npos || end == 1) return std::nullopt;
    std::string thousandths(rest.substr(1, std::min<std::size_t>(end - 1, 3)));
    thousandths.resize(3, '0');
    fraction = std::chrono::milliseconds(parse_number(thousandths, 0, 999).value());
    rest.remove_prefix(end);
  }
  const auto offset = parse_offset(rest);
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!offset || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second) + fraction - *offset;
}

}  // namespace superd
