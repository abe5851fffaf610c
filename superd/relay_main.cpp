// SPDX-License-Identifier: MIT
// superd-relay: moves the bytes of clients, which superd never reads. Started by superd without
// privileges; stdin is one end of a conversation (core/relay_message), which brings it connections.
#include <fcntl.h>
#include <unistd.h>

#include "superd/os/confinement.hpp"
#include "superd/os/signals.hpp"
#include "superd/own_main.hpp"
#include "superd/relay/call_filter.hpp"
#include "superd/relay/exchange.hpp"

namespace superd {
namespace {

// What strangers say is touched only after this.
Result<void> close_all_doors() {
  if (auto closed = close_file_system(); !closed) return closed.error();
  return filter_calls();
}

int relay() {
  fcntl(STDIN_FILENO, F_SETFL, O_RDWR | O_NONBLOCK);
  take_signals();
  const auto signals = signal_descriptor();
  if (!signals) return fail(signals.error().text);
  Exchange exchange(STDIN_FILENO, signals->get());
  if (const auto closed = close_all_doors(); !closed) return fail(closed.error().text);
  const auto ended = exchange.run();
  return ended ? 0 : fail(ended.error().text);
}

}  // namespace
}  // namespace superd

int main() { return superd::run_own_program("superd-relay", superd::relay); }
