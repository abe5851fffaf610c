// SPDX-License-Identifier: MIT
// Strict readers of numbers by std::from_chars, which knows no locale; printers that cut.
#include "superd/base/number.hpp"

#include <charconv>
#include <limits>
#include <system_error>

namespace superd {
namespace {

struct TimeUnit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr TimeUnit time_units[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000}, {"s", 1'000}, {"ms", 1},
};
constexpr Milliseconds longest_duration = std::chrono::hours(24 * 3653);

struct SizeUnit {
  char name;
  unsigned shift;
};
constexpr SizeUnit size_units[] = {{'K', 10}, {'M', 20}, {'G', 30}, {'T', 40}};

constexpr const char* duration_form = "give a number and a unit: 500ms, 10s, 5min, 2h or 1d";
constexpr const char* size_form = "give a size: bytes, or a number with K, M, G or T";

// The digits at the front of a word, and the rest; absent without digits or beyond 64 bits.
struct Leading {
  std::uint64_t number;
  std::string_view rest;
};
std::optional<Leading> leading_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc()) return std::nullopt;
  const auto digits = static_cast<std::size_t>(read.ptr - text.data());
  return Leading{number, text.substr(digits)};
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string one_decimal(std::uint64_t tenths) {
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
  return text;
}

Error range_error(std::int64_t lowest, std::int64_t highest) {
  if (highest == std::numeric_limits<std::int64_t>::max()) {
    return {"give a whole number of at least " + std::to_string(lowest)};
  }
  return {"give a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest)};
}

}  // namespace

Result<std::int64_t> parse_number(std::string_view text, std::int64_t lowest,
                                  std::int64_t highest) {
  std::string_view digits = text;
  const bool minus = lowest < 0 && digits.starts_with('-');
  if (lowest < 0 && (minus || digits.starts_with('+'))) digits.remove_prefix(1);
  if (!is_digits(digits)) return range_error(lowest, highest);
  std::int64_t number = 0;
  // from_chars reads the minus itself, so that the lowest 64-bit number has no special case.
  const char* begin = minus ? text.data() : digits.data();
  const auto read = std::from_chars(begin, text.data() + text.size(), number);
  if (read.ec != std::errc() || number < lowest || number > highest) {
    return range_error(lowest, highest);
  }
  return number;
}

Result<Milliseconds> parse_duration(std::string_view text) {
  const auto leading = leading_number(text);
  if (!leading) return Error{duration_form};
  for (const TimeUnit& unit : time_units) {
    if (leading->rest != unit.name) continue;
    const auto most = static_cast<std::uint64_t>(longest_duration.count() / unit.milliseconds);
    if (leading->number > most) return Error{"give at most ten years"};
    return Milliseconds(static_cast<std::int64_t>(leading->number) * unit.milliseconds);
  }
  return Error{duration_form};
}

Result<std::uint64_t> parse_size(std::string_view text) {
  const auto leading = leading_number(text);
  if (!leading) return Error{size_form};
  if (leading->rest.empty()) return leading->number;
  for (const SizeUnit& unit : size_units) {
    if (leading->rest != std::string_view(&unit.name, 1)) continue;
    if (leading->number > (std::numeric_limits<std::uint64_t>::max() >> unit.shift)) {
      return Error{"give less than 16777216T"};
    }
    return leading->number << unit.shift;
  }
  return Error{size_form};
}

Result<unsigned> parse_octal(std::string_view text, unsigned highest) {
  unsigned number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number, 8);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size() && number <= highest) {
    return number;
  }
  char most[16] = {};
  std::to_chars(most, most + sizeof most, highest, 8);
  return Error{std::string("give an octal number from 0 to 0") + most};
}

std::string duration_to_text(Milliseconds duration) {
  if (duration.count() < 0) return "-" + duration_to_text(-duration);
  const std::int64_t all = duration.count();
  if (all == 0) return "0s";
  if (all < 1000) return std::to_string(all) + "ms";
  if (all < 60'000) return one_decimal(static_cast<std::uint64_t>(all / 100)) + "s";
  const TimeUnit* unit = time_units;
  while (all < unit->milliseconds) ++unit;
  std::string text = std::to_string(all / unit->milliseconds) + std::string(unit->name);
  const TimeUnit& next = unit[1];
  const std::int64_t rest = all % unit->milliseconds / next.milliseconds;
  if (rest != 0) text += " " + std::to_string(rest) + std::string(next.name);
  return text;
}

std::string size_to_text(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes);
  const SizeUnit* unit = size_units;
  while (unit != std::end(size_units) - 1 && (bytes >> unit->shift) >= 1024) ++unit;
  const std::uint64_t whole = bytes >> unit->shift;
  if (whole >= 10) return std::to_string(whole) + unit->name;
  const std::uint64_t below = bytes & ((std::uint64_t{1} << unit->shift) - 1);
  return one_decimal(whole * 10 + (below * 10 >> unit->shift)) + unit->name;
}

}  // namespace superd
