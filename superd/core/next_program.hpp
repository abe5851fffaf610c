// SPDX-License-Identifier: MIT
// Whether those who wait at sockets that programs have need one more program. One rule: somebody
// has waited for a while although the youngest program had as long to take them. The while is
// 100 ms, and twice as long after each start as long as nothing is taken: programs that are slow to
// begin aren't started by the dozen.
#pragma once

#include <chrono>
#include <set>
#include <string>

#include "superd/base/number.hpp"

namespace superd {

/// Something for each who waits that stays the same until they are taken.
using WhoWaits = std::set<std::string>;

class NextProgram {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// A program was started, or couldn't be, while these waited.
  void started(Time now, WhoWaits who);
  /// Whether another one is due, with these waiting now.
  bool is_due(Time now, WhoWaits who);
  /// Until then none can be due.
  Time next_look() const { return since_ + patience_; }

  static constexpr Milliseconds shortest{100};
  static constexpr Milliseconds longest{5'000};

 private:
  Time since_{};
  WhoWaits waited_;         // at that time
  WhoWaits at_last_start_;  // none: nothing is known of it any more
  Milliseconds patience_ = shortest;
};

}  // namespace superd
