// SPDX-License-Identifier: MIT
// A heap: the earliest first.
#include "superd/relay/deadlines.hpp"

namespace superd {

std::optional<Deadlines::Entry> Deadlines::take_due(Clock::time_point now) {
  if (all_.empty() || all_.top().first > now) return std::nullopt;
  const Entry due = all_.top();
  all_.pop();
  return due;
}

std::optional<Deadlines::Clock::time_point> Deadlines::next() const {
  if (all_.empty()) return std::nullopt;
  return all_.top().first;
}

}  // namespace superd
