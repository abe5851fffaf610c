// SPDX-License-Identifier: MIT
// The running handlers: starts them, learns of their ends in the one place that reaps, keeps their
// deadlines and stops them. A pid is used only while its Child exists, so it can't be another's.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <unordered_map>

#include "superd/io/task.hpp"
#include "superd/os/process.hpp"
#include "superd/os/reaping.hpp"
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
  Stop stopping() const { return stop_; }
  bool has_ended() const { return ending_.has_value(); }
  Clock::time_point started() const { return started_; }

 private:
  friend class Supervisor;
  Child(Loop& loop, pid_t pid, HandlerPtr handler, Clock::time_point started)
      : pid_(pid), handler_(std::move(handler)), started_(started), alarm_(loop) {}

  pid_t pid_;
  HandlerPtr handler_;
  Clock::time_point started_;
  Alarm alarm_;
  Stop stop_ = Stop::none;
  std::optional<Ending> ending_;
  std::function<void()> when_ended_;
  std::list<Child*>::iterator by_age_;
};

using ChildPtr = std::unique_ptr<Child>;

class Supervisor {
 public:
  explicit Supervisor(Loop& loop)
      : loop_(loop),
        soon_{boost::asio::steady_timer(loop)},
        later_{boost::asio::steady_timer(loop)} {}

  /// As Flights::start(). `program`: instead of the handler's own. Errors: EAGAIN, ENOMEM: no
  /// process could be made.
  Result<ChildPtr> start(const HandlerPtr& handler, int socket, int error_output,
                         const PeerEnvironment& peer, Clock::time_point accepted = Clock::now(),
                         const std::vector<int>* handed = nullptr,
                         std::shared_ptr<const Program> program = nullptr);

  /// Calls `ended` once `child` has, for whom doesn't wait() for it. Until begin_anew().
  void when_ended(Child& child, std::function<void()> ended);
  /// The child has got its connection just now: its time counts from here.
  void begin_anew(Child& child);

  /// From accept to exec, of all launches that have got that far.
  const Histogram& latencies() { return flights_.latencies(); }

  /// A child of the superd that this process was before (server/upgrade). `stop`: it was asked to
  /// end already; its grace begins anew.
  ChildPtr adopt(pid_t pid, HandlerPtr handler, Clock::time_point started, Stop stop);

  /// Waits, blocking, until no launch is between clone and exec, at most `longest`. False: there is
  /// one still, or one whose fault is yet to be told. After an upgrade nobody could tell it.
  bool finish_launches(Milliseconds longest) { return flights_.finish(longest); }

  /// Closes a connection that start() was given, as soon as its child has it; at the end of the
  /// loop's turn at the latest.
  void hand_over(UniqueFd socket);

  /// Until the child has ended; stops it at the service's timeout: its group gets stop_signal, and
  /// KILL after stop_grace. Whatever is left of the group of a stopped child is killed with it.
  awaitable<Ending> wait(Child& child);

  /// Asks for the child's end; the one who waits for it sees to it. The first reason counts.
  void stop(Child& child, Stop reason);
  void stop_all(Stop reason);
  /// KILL to all groups.
  void kill_all();
  bool is_idle() const { return running_.empty(); }

  /// Reaps: on SIGCHLD, which names one child that has ended. Signals of others may have been
  /// merged into it. Few children are all asked at once. Asking for any costs time for each there
  /// is, so with many only the young, who end most often, are asked soon, and all of them within a
  /// second: a thousand held connections don't slow down the others.
  void learn_of_end(pid_t child);
  /// Reaps whoever has ended without a signal that could still tell.
  void look_for_ended() { look_at_all(); }

 private:
  /// A look at children that is to come; asked for again meanwhile, it still comes once.
  struct Look {
    boost::asio::steady_timer timer;
    bool is_due = false;
  };

  ChildPtr enrol(ChildPtr child);
  awaitable<void> keep_timeout(Child& child, Clock::time_point deadline);
  void settle_soon();
  bool reap_one(pid_t which);
  void end(const Reaped& reaped);
  void look_at_the_young();
  void look_at_all();
  void look_after(Milliseconds delay, Look& look, void (Supervisor::*at)());

  Loop& loop_;
  Flights flights_;
  std::unordered_map<pid_t, Child*> running_;
  std::list<Child*> by_age_;  // the youngest first
  Look soon_, later_;
  bool settles_soon_ = false;
  std::size_t stopping_ = 0;  // of the running ones
};

}  // namespace superd
