// SPDX-License-Identifier: MIT
// Limits as people write them.
#include "superd/core/limits.hpp"

#include <limits>

namespace superd {
namespace {

constexpr std::int64_t most = 1'000'000;  // of a rate and its burst: a bucket can't overflow
constexpr std::uint32_t most_load = 1'000'000;

struct Period {
  std::string_view name;
  Milliseconds length;
};
constexpr Period periods[] = {{"s", Milliseconds(1000)},
                              {"min", Milliseconds(60'000)},
                              {"h", Milliseconds(3'600'000)},
                              {"d", Milliseconds(86'400'000)}};

constexpr const char* remedy =
    "give a number from 1 and a time, such as 50/s, 100/min, 1000/h or "
    "50/s burst 200, or unlimited";

const Period* find_period(std::string_view name) {
  for (const Period& period : periods) {
    if (period.name == name) return &period;
  }
  return nullptr;
}

// "burst 200", with blanks around.
std::optional<std::uint32_t> parse_burst(std::string_view text) {
  constexpr std::string_view word = "burst ";
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (!text.starts_with(word)) return std::nullopt;
  text.remove_prefix(word.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const auto number = parse_number(text, 1, most);
  return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

}  // namespace

Result<Rate> parse_rate(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return Error{remedy};
  const auto count = parse_number(text.substr(0, slash), 1, most);
  const std::string_view rest = text.substr(slash + 1);
  const std::size_t blank = rest.find(' ');
  const Period* period = find_period(rest.substr(0, blank));
  if (!count || period == nullptr) return Error{remedy};
  Rate rate{static_cast<std::uint32_t>(*count), period->length, static_cast<std::uint32_t>(*count)};
  if (blank == rest.npos) return rate;
  const auto burst = parse_burst(rest.substr(blank));
  if (!burst) return Error{"give a burst of at least 1, such as 50/s burst 200"};
  rate.burst = *burst;
  return rate;
}

std::string to_text(const Rate& rate) {
  std::string text = std::to_string(rate.count) + "/";
  for (const Period& period : periods) {
    if (period.length == rate.period) text += period.name;
  }
  return rate.burst == rate.count ? text : text + " burst " + std::to_string(rate.burst);
}

Result<std::uint32_t> parse_load(std::string_view text) {
  const Error fault{"give a load average above 0, such as 8.0, or unlimited"};
  const std::size_t point = text.find('.');
  const auto whole = parse_number(text.substr(0, point), 0, most_load);
  if (!whole) return fault;
  std::int64_t hundredths = *whole * 100;
  if (point != text.npos) {
    std::string digits(text.substr(point + 1));
    if (digits.empty() || digits.size() > 2) return fault;
    if (digits.size() == 1) digits += '0';
    const auto part = parse_number(digits, 0, 99);
    if (!part) return fault;
    hundredths += *part;
  }
  if (hundredths == 0) return fault;
  return static_cast<std::uint32_t>(hundredths);
}

std::string load_to_text(std::uint32_t hundredths) {
  const std::uint32_t part = hundredths % 100;
  std::string text = std::to_string(hundredths / 100) + "." + std::to_string(part / 10);
  return part % 10 == 0 ? text : text + std::to_string(part % 10);
}

Network source_of(const SourcePrefix& prefix, const IpAddress& address) {
  return network_of(address, unmapped(address).v6 ? prefix.ipv6 : prefix.ipv4);
}

}  // namespace superd
