// SPDX-License-Identifier: MIT
// The terms on which a service admits: all that "who may come in" says of it. Most services have
// none, and many have the same.
#pragma once

#include <compare>
#include <optional>
#include <string>

#include "superd/core/access.hpp"
#include "superd/core/limits.hpp"
#include "superd/core/schedule.hpp"

namespace superd {

/// What a visitor is told before the program says anything, or instead of it.
struct Greeting {
  std::string text;  // empty: nothing
  std::string file;  // where it was read from, absolute; empty: it is in the table

  auto operator<=>(const Greeting&) const = default;
};

inline constexpr std::size_t longest_greeting = 16 << 10;

struct Banner {
  Greeting accepted, refused;

  auto operator<=>(const Banner&) const = default;
};

struct Terms {
  AccessRules access;
  Schedule hours;
  Limits limits;
  Banner banner;
  std::optional<Milliseconds> trap;  // who comes is banned from all services for so long
  std::string hosts_access;          // the name in hosts.allow and hosts.deny; empty: not asked

  bool operator==(const Terms&) const = default;
  /// Only for sharing, as that of RuleSet.
  auto operator<=>(const Terms&) const = default;
};

}  // namespace superd
