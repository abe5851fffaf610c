// SPDX-License-Identifier: MIT
// The few Asio idioms that superd uses. A task is a coroutine with a name; none dies silently. Asio
// only says when something is ready or due: all system calls are os's.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "superd/base/number.hpp"

namespace superd {

using Loop = boost::asio::io_context;
using boost::asio::awaitable;
using Clock = std::chrono::steady_clock;

/// Told of an exception that ended a task: a bug, for the log.
using TaskDied = std::function<void(const char* name, const std::string& why)>;

/// Starts `task` at once, on this thread, and lets it live until it returns.
void spawn(Loop& loop, const char* name, awaitable<void> task, const TaskDied& died);

/// Until `descriptor` can be read; false when it was closed or cancelled instead.
awaitable<bool> readable(boost::asio::posix::stream_descriptor& descriptor);

/// Until `descriptor` can be written; false when it was closed or cancelled instead.
awaitable<bool> writable(boost::asio::posix::stream_descriptor& descriptor);

awaitable<void> sleep_for(Milliseconds duration);

/// A sleep that can be cut short. One sleeper at a time.
class Alarm {
 public:
  explicit Alarm(Loop& loop) : loop_(loop), timer_(loop) {}

  /// Until `deadline` or ring(), whichever is first.
  awaitable<void> sleep_until(Clock::time_point deadline);
  /// Until ring(): costs no timer, which counts with one sleeper per connection.
  awaitable<void> sleep_until_rung();
  /// Wakes the sleeper; nothing where there is none.
  void ring();

 private:
  struct Sleeper {
    virtual ~Sleeper() = default;
    virtual void wake() = 0;
  };
  template <class Handler>
  struct SleeperWith;

  Loop& loop_;
  boost::asio::steady_timer timer_;
  std::unique_ptr<Sleeper> sleeper_;
};

}  // namespace superd
