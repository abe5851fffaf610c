// SPDX-License-Identifier: MIT
// What top shows: one look at superd, and what it shows against the look before. Values only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "superd/ctl/json.hpp"
#include "superd/ctl/text.hpp"

namespace superd {

struct TopService {
  std::string name, state, addresses;
  std::int64_t running = 0, started = 0, refused = 0, failed = 0;
  double started_per_second = 0, refused_per_second = 0;
};

struct TopConnection {
  std::int64_t connection = 0, pid = 0;  // pid is 0 where no process could be made yet
  std::string service, peer, state;
  Milliseconds age{0}, cpu{0};
  std::uint64_t memory = 0;
  double processors = 0;  // in use; 1 is one whole processor
};

struct TopLook {
  Json daemon;
  std::vector<TopService> services;
  std::vector<TopConnection> connections;
  double connections_per_second = 0, refused_per_second = 0;
};

/// The answers to `status` and `ps`. All text in it is escaped, but the names that superd is asked
/// with.
TopLook top_look(const Json& status, const Json& ps);

/// Fills the rates of `now` in. A count that went down, or a superd that started since, is no rate:
/// they stay 0. What only `now` has counts from 0.
void add_rates(TopLook& now, const TopLook& before, Milliseconds between);

}  // namespace superd
