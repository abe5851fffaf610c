// SPDX-License-Identifier: MIT
// `limits`: how many, how fast, under what load. Values; core/ledger counts.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "superd/base/number.hpp"
#include "superd/core/network.hpp"

namespace superd {

/// So many in such a time, and so many at once before that counts: a token bucket.
struct Rate {
  std::uint32_t count = 1;
  Milliseconds period{1000};  // a second, a minute, an hour or a day
  std::uint32_t burst = 1;    // at least 1

  auto operator<=>(const Rate&) const = default;
};

/// "50/s", "100/min", "1000/h", "10/d", "50/s burst 200"; the burst is the count where it isn't
/// written. The error is a remedy.
Result<Rate> parse_rate(std::string_view text);
std::string to_text(const Rate& rate);

/// A load average in hundredths: "8", "8.0", "0.25"; above 0 and at most 1,000,000.
Result<std::uint32_t> parse_load(std::string_view text);
std::string load_to_text(std::uint32_t hundredths);

/// How many leading bits make one source of many addresses.
struct SourcePrefix {
  std::uint8_t ipv4 = 32;
  std::uint8_t ipv6 = 64;

  auto operator<=>(const SourcePrefix&) const = default;
};

enum class WhenFull : std::uint8_t { refuse, wait };

/// Absent: unlimited.
struct Limits {
  std::optional<std::uint32_t> instances;   // running at once
  std::optional<std::uint32_t> per_source;  // of these, for one source
  SourcePrefix source_prefix;
  std::optional<Rate> rate;             // of starts
  std::optional<Rate> rate_per_source;  // of these, for one source
  std::optional<std::uint32_t> load;    // of the last minute, in hundredths
  WhenFull when_full = WhenFull::refuse;
  std::optional<Milliseconds> pause;  // after `rate` is exceeded no accepting for so long

  auto operator<=>(const Limits&) const = default;
};

/// What limits of one source count `address` by.
Network source_of(const SourcePrefix& prefix, const IpAddress& address);

}  // namespace superd
