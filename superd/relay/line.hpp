// SPDX-License-Identifier: MIT
// One connection that a relay has: a client, an upstream as soon as one answers, and the two flows
// between them. What it knows of itself; what is done with it is in relay/exchange.
#pragma once

#include <memory>
#include <vector>

#include "superd/core/relay_message.hpp"
#include "superd/relay/deadlines.hpp"
#include "superd/relay/flow.hpp"

namespace superd {

/// The search for an upstream that answers.
struct Dialing {
  std::size_t next = 0;              // in the plan's list
  std::vector<IpAddress> addresses;  // of the host whose turn it is, the next one last
  std::uint16_t port = 0;
  std::string host;                        // its name, while superd is asked for them
  bool is_backlog_full = false;            // of a UNIX socket: to be tried again
  int error = 0;                           // why the last one didn't answer
  Deadlines::Clock::time_point give_up{};  // the one that is being tried
};

struct Line {
  using Time = Deadlines::Clock::time_point;

  explicit Line(std::uint64_t number) : id(number) {}

  std::uint64_t id;
  End client, upstream;
  Flow in{client, upstream}, out{upstream, client};
  std::unique_ptr<Dialing> dialing;  // absent: there is an upstream
  std::string to;                    // the upstream, as text
  Time last_active{}, look_at{};     // the latter: when its next deadline is
  RelayEnd end = RelayEnd::closed;   // what it will be said to have ended by
  int error = 0;
  bool is_due = false;   // among those that have their turn next
  bool is_over = false;  // gone at the end of this turn
};

}  // namespace superd
