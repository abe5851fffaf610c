// SPDX-License-Identifier: MIT
// The running handlers: starts them, learns of their ends in the one place that reaps, keeps their deadlines and stops
// them. A pid is used only while its Child exists, so it can't be another's.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>

#include "superd/io/task.hpp"
#include "superd/os/process.hpp"
#include "superd/server/handler.hpp"

namespace superd {

/// How a run ended: with an exit, or at a step before exec.
struct Ending {
  Exit exit;
  std::optional<ChildFault> fault;
};

/// One running program, from clone to reap.
class Child {
 public:
  pid_t pid() const { return pid_; }

 private:
  friend class Supervisor;
  Child(Loop& loop, pid_t pid, HandlerPtr handler)
      : pid_(pid), handler_(std::move(handler)), started_(Clock::now()), alarm_(loop) {}

  pid_t pid_;
  HandlerPtr handler_;
  Clock::time_point started_;
  Alarm alarm_;
  Stop stop_ = Stop::none;
  std::optional<Ending> ending_;
};

using ChildPtr = std::unique_ptr<Child>;

class Supervisor {
 public:
  explicit Supervisor(Loop& loop) : loop_(loop) {}

  /// Errors: EAGAIN, ENOMEM: no process could be made.
  Result<ChildPtr> start(const HandlerPtr& handler, int socket, int error_output,
                         const PeerEnvironment& peer);

  /// Until the child has ended; stops it at the service's timeout: its group gets stop_signal, and KILL after
  /// stop_grace. Whatever is left of the group of a stopped child is killed with it.
  awaitable<Ending> wait(Child& child);

  /// Asks for the child's end; the one who waits for it sees to it. The first reason counts.
  void stop(Child& child, Stop reason);
  void stop_all(Stop reason);
  /// KILL to all groups.
  void kill_all();

  /// Learns of every child that has ended: on SIGCHLD.
  void reap_ended();

 private:
  std::optional<Reaped> next_end();
  void end(const Reaped& reaped);

  Loop& loop_;
  Flights flights_;
  std::unordered_map<pid_t, Child*> running_;
  std::size_t stopping_ = 0;  // of the running ones
};

}  // namespace superd
