// SPDX-License-Identifier: MIT
// A token bucket as one number: the moment when it will be full again. Each token spent moves that
// moment by the time a token takes; what is past is full, and then it is as if it had never been.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "superd/core/limits.hpp"

namespace superd {

/// A clock that never goes back.
using Monotonic = std::chrono::steady_clock::time_point;
using Microseconds = std::chrono::microseconds;

struct TokenBucket {
  Microseconds full_at{0};

  bool is_full(Microseconds now) const { return full_at <= now; }

  /// How long until there is a token; zero: there is one.
  Microseconds wait(const Rate& rate, Microseconds now) const {
    const Microseconds empty_at = (rate.burst - 1) * time_of_a_token(rate);
    return std::max(Microseconds(0), full_at - now - empty_at);
  }

  void spend(const Rate& rate, Microseconds now) {
    full_at = std::max(full_at, now) + time_of_a_token(rate);
  }

  /// Rounded up: the rate is never exceeded.
  static Microseconds time_of_a_token(const Rate& rate) {
    const auto period = std::chrono::duration_cast<Microseconds>(rate.period).count();
    return Microseconds((period + rate.count - 1) / rate.count);
  }
};

}  // namespace superd
