// SPDX-License-Identifier: MIT
// Sockets with `retry` that couldn't be bound: tried again whenever an interface or an address
// comes or goes, and every few seconds, for nobody tells when a port is free. Idle, and without a
// descriptor, while none waits.
#pragma once

#include <optional>

#include "superd/server/roster.hpp"

namespace superd {

class LateBinding {
 public:
  /// Both outlive it.
  LateBinding(Roster& roster, Runtime& runtime);

 private:
  void look();
  void follow_addresses();
  void try_in(Milliseconds delay);
  void try_now();

  Roster& roster_;
  Runtime& runtime_;
  boost::asio::steady_timer timer_;
  std::optional<boost::asio::posix::stream_descriptor> watch_;
  Milliseconds delay_{0};
};

}  // namespace superd
