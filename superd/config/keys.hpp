// SPDX-License-Identifier: MIT
// The one table of every key: name, value, help. The readers, the spelling hints, superctl keys and
// the manual page all come from it; a test holds them together.
#pragma once

#include <span>
#include <string_view>

namespace superd {

/// A key as users see it.
struct KeyHelp {
  std::string_view section;  // "", "daemon", "daemon.log", …, "defaults, services.NAME", "listen"
  std::string_view name;
  std::string_view value;     // its form: "DURATION", "yes or no", "log | socket | null"
  std::string_view standard;  // what holds where it isn't written; empty: required or nothing
  std::string_view help;      // one line
};

/// Every key there is, by section, in the order users read them.
std::span<const KeyHelp> all_keys();

}  // namespace superd
