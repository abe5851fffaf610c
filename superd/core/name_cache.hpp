// SPDX-License-Identifier: MIT
// The names of addresses that were asked for lately. Bounded: when it is full, what was learned
// first goes first. The clock is the caller's.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>

#include "superd/core/lookup_message.hpp"

namespace superd {

class NameCache {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// How long what was found, and that nothing was, may be used. DNS's own time to live doesn't
  /// come through getaddrinfo(3): the resolver behind it keeps that, we only spare it a crowd.
  static constexpr std::chrono::seconds found_for{60}, nothing_for{10};

  explicit NameCache(std::size_t most = 4096) : most_(most) {}

  /// What is known of `address`; null where nothing is, or no longer. A failure is known, too: who
  /// has no answer won't have one a moment later. Good until the next call.
  const LookupOutcome* find(const IpAddress& address, Time now);
  void keep(const IpAddress& address, LookupOutcome outcome, Time now);
  std::size_t size() const { return known_.size(); }

 private:
  struct Known {
    LookupOutcome outcome;
    Time end;
    std::list<IpAddress>::iterator by_age;
  };

  void forget(std::map<IpAddress, Known>::iterator known);

  std::size_t most_;
  std::map<IpAddress, Known> known_;
  std::list<IpAddress> by_age_;  // the oldest first
};

}  // namespace superd
