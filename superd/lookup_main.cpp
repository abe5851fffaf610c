// SPDX-License-Identifier: MIT
// superd-lookup: asks the resolver and libwrap for superd, which must never wait. Started by superd
// without privileges; stdin and stdout are one end of a conversation (core/lookup_message), and
// when that ends, so does this.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "superd/lookup/jobs.hpp"
#include "superd/os/message_socket.hpp"
#include "superd/os/signals.hpp"
#include "superd/own_main.hpp"

namespace superd {
namespace {

int milliseconds_until(std::optional<Jobs::Clock::time_point> time) {
  if (!time) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*time - Jobs::Clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

// True: superd wants us to end.
bool take_signals_in(int signals, Jobs& jobs) {
  bool is_asked_to_end = false;
  for (const ArrivedSignal& one : arrived_signals(signals)) {
    if (one.number == SIGCHLD) jobs.reap();
    is_asked_to_end = is_asked_to_end || one.number == SIGTERM || one.number == SIGINT;
  }
  return is_asked_to_end;
}

int serve(int socket, int signals) {
  Jobs jobs(socket, {});
  for (;;) {
    pollfd both[] = {{socket, POLLIN, 0}, {signals, POLLIN, 0}};
    if (poll(both, 2, milliseconds_until(jobs.next_end())) < 0 && errno != EINTR)
      return fail(errno_text(errno));
    jobs.end_late();
    if (both[1].revents != 0 && take_signals_in(signals, jobs)) return 0;
    if (both[0].revents == 0) continue;
    const auto message = receive_message(socket, longest_lookup_request);
    if (!message) return fail(message.error().text);
    if (message->empty()) return 0;
    const auto request = parse_lookup_request(*message);
    if (!request) return fail("superd sent what is no request: is it another version?");
    jobs.start(*request);
  }
}

int serve_with_signals() {
  take_signals();
  const auto signals = signal_descriptor();
  if (!signals) return fail(signals.error().text);
  return serve(STDIN_FILENO, signals->get());
}

}  // namespace
}  // namespace superd

int main() { return superd::run_own_program("superd-lookup", superd::serve_with_signals); }
