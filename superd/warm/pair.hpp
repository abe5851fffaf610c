// SPDX-License-Identifier: MIT
// The pair that a handler takes for its client until one is there, seen through a descriptor of our
// own: what the handler did to it is to be done to the connection.
#pragma once

#include <sys/socket.h>

#include <string>
#include <vector>

namespace superd {

/// A socket option as the kernel has it.
struct PairOption {
  int name = 0;  // of SOL_SOCKET
  std::string value;

  bool operator==(const PairOption&) const = default;
};

struct PairState {
  int flags = 0;  // O_NONBLOCK or none
  std::vector<PairOption> options;
};

PairState state_of(int pair);

/// The options that have been set between the two states, as they are to be set again.
std::vector<PairOption> set_since(const PairState& before, const PairState& now);

}  // namespace superd
