// SPDX-License-Identifier: MIT
// What superd tells the service manager that started it: sd_notify(3), and the descriptors it keeps
// for superd. Without a manager (no NOTIFY_SOCKET) all of it succeeds and says nothing. It asks the
// environment each time, so that a superd that takes over by exec speaks on the same socket.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "superd/base/result.hpp"

namespace superd {

/// Each call is one datagram, which waits only where the manager's queue is full (hundreds of
/// them). Errors: the socket is there but can't be reached, or no descriptor is left to reach it
/// with.
class NotifySocket {
 public:
  /// Whether a service manager listens.
  static bool is_there();

  /// Serving; `status` is the line that `systemctl status` shows. Ends reloading(), too.
  static Result<void> ready(std::string_view status);
  /// The table is being read; until the next ready(). Says since when (CLOCK_MONOTONIC), which
  /// Type=notify-reload waits for.
  static Result<void> reloading();
  /// Ending, for at most so long from now: that much is asked for (EXTEND_TIMEOUT_USEC) where it is
  /// more than the manager would wait. It may be said again with another time.
  static Result<void> stopping(std::chrono::microseconds at_most);
  /// Replaces the line of ready(). Control characters become spaces: a new line would be another
  /// word to the manager.
  static Result<void> status(std::string_view text);
  /// The process to watch: for --daemonize, where it isn't the one the manager started.
  static Result<void> main_pid(pid_t pid);

  /// How often keep_alive() has to come at least, lest superd be killed and started anew; tell it
  /// twice as often. Absent where nobody waits for it, or for another process than this
  /// (WATCHDOG_PID).
  static std::optional<std::chrono::microseconds> watchdog();
  static Result<void> keep_alive();

  /// Has the manager keep a duplicate of the socket, which the next superd inherits, however this
  /// one ends (FDSTORE). Storing what is stored already changes nothing. A socket that can't be
  /// connected to any more is kept all the same, until forget().
  static Result<void> store(int socket);
  /// The opposite, while `socket` is still open.
  static Result<void> forget(int socket);
};

}  // namespace superd
