// SPDX-License-Identifier: MIT
// When which connection is to be looked at. To put a time off costs nothing: whoever is looked at
// says when next.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

namespace superd {

class Deadlines {
 public:
  using Clock = std::chrono::steady_clock;

  void add(Clock::time_point time, std::uint64_t id) { all_.push({time, id}); }
  using Entry = std::pair<Clock::time_point, std::uint64_t>;
  /// One whose time has come. What was added stays, also where it was added again for another time:
  /// the time tells which of them counts.
  std::optional<Entry> take_due(Clock::time_point now);
  std::optional<Clock::time_point> next() const;

 private:
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> all_;
};

}  // namespace superd
