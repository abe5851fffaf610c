// SPDX-License-Identifier: MIT
// superd-relay: moves the bytes of clients, which superd never reads. Started by superd without
// privileges; stdin is one end of a conversation (core/relay_message), which brings it connections.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>

#include "superd/os/confinement.hpp"
#include "superd/os/signals.hpp"
#include "superd/relay/call_filter.hpp"
#include "superd/relay/exchange.hpp"

namespace superd {
namespace {

constexpr int failed = 1;
constexpr int not_for_people = 2;

int fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.text.c_str());
  return failed;
}

bool is_conversation(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

// What strangers say is touched only after this.
Result<void> confine() {
  if (auto confined = confine_process(); !confined) return confined.error();
  if (auto closed = close_file_system(); !closed) return closed.error();
  return filter_calls();
}

int relay_main() {
  if (!is_conversation(STDIN_FILENO)) {
    std::fputs("superd-relay: this is started by superd, not by people\n", stderr);
    return not_for_people;
  }
  fcntl(STDIN_FILENO, F_SETFL, O_RDWR | O_NONBLOCK);
  take_signals();
  const auto signals = signal_descriptor();
  if (!signals) return fail(signals.error());
  Exchange exchange(STDIN_FILENO, signals->get());
  if (const auto confined = confine(); !confined) return fail(confined.error());
  const auto ended = exchange.run();
  return ended ? 0 : fail(ended.error());
}

}  // namespace
}  // namespace superd

int main() { return superd::relay_main(); }
