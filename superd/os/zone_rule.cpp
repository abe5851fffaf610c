// SPDX-License-Identifier: MIT
// Read as RFC 8536 3.3 says: times may have a sign and go to 167 hours.
#include "superd/os/zone_rule.hpp"

#include <chrono>

namespace superd {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

// What is left to read; each function takes what it knows off the front.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  bool is_empty() const { return rest_.empty(); }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// "CET", "<+03>".
  bool take_name() {
    const bool is_quoted = take('<');
    std::size_t end = 0;
    const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    while (end < rest_.size() && (is_quoted ? rest_[end] != '>' : is_letter(rest_[end]))) ++end;
    rest_.remove_prefix(end);
    return end >= 3 && (!is_quoted || take('>'));
  }
  std::optional<int> take_number(int lowest, int highest) {
    int number = 0;
    std::size_t end = 0;
    while (end < rest_.size() && end < 4 && rest_[end] >= '0' && rest_[end] <= '9') {
      number = number * 10 + (rest_[end++] - '0');
    }
    rest_.remove_prefix(end);
    if (end == 0 || number < lowest || number > highest) return std::nullopt;
    return number;
  }
  /// "2", "-1:30", "+167:00:00".
  std::optional<std::int32_t> take_time() {
    const bool is_negative = take('-');
    if (!is_negative) take('+');
    const auto hours = take_number(0, 167);
    if (!hours) return std::nullopt;
    std::int32_t time = *hours * 3600;
    for (const int unit : {60, 1}) {
      if (!take(':')) break;
      const auto part = take_number(0, 59);
      if (!part) return std::nullopt;
      time += *part * unit;
    }
    return is_negative ? -time : time;
  }

 private:
  std::string_view rest_;
};

// "M3.5.0/2", "J60", "59".
std::optional<ZoneRule::Turn> take_turn(Words& words) {
  using Kind = ZoneRule::Turn::Kind;
  ZoneRule::Turn turn;
  if (words.take('M')) {
    const auto month = words.take_number(1, 12);
    const auto week = words.take('.') ? words.take_number(1, 5) : std::nullopt;
    const auto weekday = words.take('.') ? words.take_number(0, 6) : std::nullopt;
    if (!month || !week || !weekday) return std::nullopt;
    turn = {Kind::week_of_month, *month, *week, *weekday, 0, turn.time};
  } else {
    turn.kind = words.take('J') ? Kind::day_without_leap : Kind::day;
    const bool counts_from_one = turn.kind == Kind::day_without_leap;
    const auto day = words.take_number(counts_from_one ? 1 : 0, 365);
    if (!day) return std::nullopt;
    turn.day = *day;
  }
  if (words.take('/')) {
    const auto time = words.take_time();
    if (!time) return std::nullopt;
    turn.time = *time;
  }
  return turn;
}

// Seconds since 1970 by the wall.
std::int64_t moment_of(const ZoneRule::Turn& turn, std::chrono::year year) {
  using namespace std::chrono;
  using Kind = ZoneRule::Turn::Kind;
  sys_days date = year / January / 1;
  if (turn.kind == Kind::week_of_month) {
    const month in(static_cast<unsigned>(turn.month));
    const weekday on(static_cast<unsigned>(turn.weekday));
    date = turn.week == 5 ? sys_days(year / in / on[last])
                          : sys_days(year / in / on[static_cast<unsigned>(turn.week)]);
  } else if (turn.kind == Kind::day) {
    date += days(turn.day);
  } else {
    date += days(turn.day - 1 + (year.is_leap() && turn.day >= 60 ? 1 : 0));
  }
  return duration_cast<seconds>(date.time_since_epoch()).count() + turn.time;
}

}  // namespace

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
  Words words(text);
  ZoneRule rule;
  const auto west = words.take_name() ? words.take_time() : std::nullopt;
  if (!west) return std::nullopt;
  rule.standard_ = -*west;
  if (words.is_empty()) return rule;
  if (!words.take_name()) return std::nullopt;
  rule.summer_ = rule.standard_ + 3600;
  if (!words.take(',')) {
    const auto summer_west = words.take_time();
    if (!summer_west || !words.take(',')) return std::nullopt;
    rule.summer_ = -*summer_west;
  }
  const auto begin = take_turn(words);
  const auto end = words.take(',') ? take_turn(words) : std::nullopt;
  if (!begin || !end || !words.is_empty()) return std::nullopt;
  rule.begin_ = *begin;
  rule.end_ = *end;
  return rule;
}

ZoneRule ZoneRule::fixed(std::int32_t offset) {
  ZoneRule rule;
  rule.standard_ = offset;
  return rule;
}

std::int32_t ZoneRule::offset_at(std::int64_t seconds) const {
  if (!summer_) return standard_;
  const sys_days day{std::chrono::floor<days>(std::chrono::seconds(seconds + standard_))};
  const std::chrono::year year = std::chrono::year_month_day(day).year();
  // Each turn is told by the clock that it ends.
  const std::int64_t begin = moment_of(begin_, year) - standard_;
  const std::int64_t end = moment_of(end_, year) - *summer_;
  const bool is_summer =
      begin < end ? seconds >= begin && seconds < end : seconds >= begin || seconds < end;
  return is_summer ? *summer_ : standard_;
}

}  // namespace superd
