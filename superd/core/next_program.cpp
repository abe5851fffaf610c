// SPDX-License-Identifier: MIT
// Two sets compared, twice.
#include "superd/core/next_program.hpp"

#include <algorithm>

namespace superd {
namespace {

bool some_are_left(const WhoWaits& before, const WhoWaits& now) {
  return std::any_of(before.begin(), before.end(),
                     [&](const std::string& one) { return now.contains(one); });
}

bool all_are_left(const WhoWaits& before, const WhoWaits& now) {
  return std::includes(now.begin(), now.end(), before.begin(), before.end());
}

}  // namespace

void NextProgram::started(Time now, WhoWaits who) {
  const bool none_was_taken = !at_last_start_.empty() && all_are_left(at_last_start_, who);
  patience_ = none_was_taken ? std::min(2 * patience_, longest) : shortest;
  at_last_start_ = waited_ = std::move(who);
  since_ = now;
}

bool NextProgram::is_due(Time now, WhoWaits who) {
  if (now < next_look() && !waited_.empty()) return false;
  const bool is_due = some_are_left(waited_, who);
  if (!all_are_left(at_last_start_, who)) {
    at_last_start_.clear();
    patience_ = shortest;
  }
  waited_ = std::move(who);
  since_ = now;
  return is_due;
}

}  // namespace superd
