// SPDX-License-Identifier: MIT
// One handler that was started ahead of its connection: it gets ready, waits, and is given a
// connection or leaves. From then on it is a child like any other.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "superd/os/stand_in.hpp"
#include "superd/server/own_child.hpp"

namespace superd {

class WarmChild {
 public:
  enum class State : std::uint8_t { starting, ready, failed };
  /// Called from the loop whenever the state has changed, or the program has ended.
  using Changed = std::function<void()>;

  /// Starts `handler` by `starter`, the path of superd-warm. Errors: whatever superd is short of.
  static Result<std::shared_ptr<WarmChild>> start(const HandlerPtr& handler,
                                                  const std::string& starter, const OwnRooms& rooms,
                                                  Changed changed);

  State state() const { return state_; }
  bool has_ended() const { return child_->has_ended(); }
  Clock::time_point started() const { return child_->started(); }
  /// Of one that has failed: why, as the end of a sentence about it.
  const std::string& why() const { return why_; }

  /// Of one that is ready. What it says before its connection is to be moved from here.
  int stand_in() const { return stand_in_.get(); }
  /// Gives it a connection. Errors: it has left its wait.
  Result<void> give(int connection) { return send_connection(stand_in_.get(), connection); }
  /// After that: the child, whose time counts from now.
  ChildPtr take_child();

  /// Ends it, without a word more from it: asked by the end of the pair, then by its stop.
  static void retire(std::shared_ptr<WarmChild> self);

 private:
  WarmChild(const OwnRooms& rooms, ChildPtr child, UniqueFd stand_in, UniqueFd report,
            Changed changed);

  static awaitable<void> listen(std::shared_ptr<WarmChild> self);
  static awaitable<void> leave(std::shared_ptr<WarmChild> self);
  void settle();
  void say_changed();

  OwnRooms rooms_;
  ChildPtr child_;
  UniqueFd stand_in_;
  boost::asio::posix::stream_descriptor report_;
  Changed changed_;
  Alarm ended_;
  State state_ = State::starting;
  std::string why_;
};

using WarmChildPtr = std::shared_ptr<WarmChild>;

}  // namespace superd
