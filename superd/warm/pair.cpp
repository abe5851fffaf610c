// SPDX-License-Identifier: MIT
// Options that mean something on a connection, too.
#include "superd/warm/pair.hpp"

#include <fcntl.h>

#include <cstring>

namespace superd {
namespace {

constexpr int carried[] = {SO_KEEPALIVE, SO_OOBINLINE, SO_LINGER, SO_RCVTIMEO, SO_SNDTIMEO,
                           SO_RCVLOWAT,  SO_PRIORITY,  SO_SNDBUF, SO_RCVBUF};

// The kernel tells twice what it was asked for: socket(7).
std::string as_asked_for(int name, std::string value) {
  if (name != SO_SNDBUF && name != SO_RCVBUF) return value;
  int size = 0;
  std::memcpy(&size, value.data(), sizeof size);
  size /= 2;
  std::memcpy(value.data(), &size, sizeof size);
  return value;
}

}  // namespace

PairState state_of(int pair) {
  PairState state;
  state.flags = fcntl(pair, F_GETFL) & O_NONBLOCK;
  for (const int name : carried) {
    char value[16];
    socklen_t size = sizeof value;
    if (getsockopt(pair, SOL_SOCKET, name, value, &size) == 0)
      state.options.push_back({name, as_asked_for(name, std::string(value, size))});
  }
  return state;
}

std::vector<PairOption> set_since(const PairState& before, const PairState& now) {
  std::vector<PairOption> changed;
  for (std::size_t i = 0; i < now.options.size() && i < before.options.size(); ++i)
    if (now.options[i] != before.options[i]) changed.push_back(now.options[i]);
  return changed;
}

}  // namespace superd
