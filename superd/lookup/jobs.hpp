// SPDX-License-Identifier: MIT
// Lookups under way: a process for each, since a resolver can't be interrupted and libwrap keeps
// state. One that takes too long is killed, and then it has no answer; the others never notice.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>

#include "superd/core/lookup_message.hpp"

namespace superd {

class Jobs {
 public:
  using Clock = std::chrono::steady_clock;

  struct Limits {
    std::size_t at_once = 32;
    std::chrono::milliseconds longest{5000};
  };

  /// Answers go to `socket`, which stays open.
  Jobs(int socket, const Limits& limits) : socket_(socket), limits_(limits) {}
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  /// Always answered: where there are too many, or no process can be made, with a failure.
  void start(const LookupRequest& request);
  /// Takes leave of those that have ended, and answers for those that couldn't; after SIGCHLD.
  void reap();
  /// Ends those that have taken too long.
  void end_late();
  /// When the next one will be late; absent where none is under way.
  std::optional<Clock::time_point> next_end() const;

 private:
  struct Job {
    std::uint64_t id;
    Clock::time_point end;
    bool is_late = false;
  };

  void fail(std::uint64_t id) const;

  int socket_;
  Limits limits_;
  std::map<pid_t, Job> jobs_;
};

}  // namespace superd
