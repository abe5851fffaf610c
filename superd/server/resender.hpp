// SPDX-License-Identifier: MIT
// Datagrams that wait at one socket and belong to another: an unprivileged child reads them and
// sends them again (superd-resend), since superd must not look at them. Started for the first one,
// ended when there was none for a minute.
#pragma once

#include <memory>
#include <optional>

#include "superd/core/resend_message.hpp"
#include "superd/io/turn.hpp"
#include "superd/server/own_child.hpp"

namespace superd {

class Resender {
 public:
  /// `handler`: superd-resend as own_handler().
  Resender(const OwnRooms& rooms, HandlerPtr handler);

  /// Has the first that waits at `socket` sent again to `destination`, before those that wait at
  /// `own`, if that isn't -1. False: it could not be, and that is reported; it may be there still.
  awaitable<bool> resend(int socket, int own, Endpoint destination);

  /// Another program or user from the next time on.
  void use(HandlerPtr handler);
  /// False for whoever waits and whoever asks: superd is about to end.
  void close();
  /// Nothing is on its way.
  bool is_idle() const { return !is_asked_; }

 private:
  void report_failure(const Endpoint& destination, const Result<void>& sent);
  Result<void> send(int socket, int own, const Endpoint& destination);
  Result<void> start_child();
  std::string take(const std::string& message);
  void child_ended(const std::string& why);
  awaitable<void> retire_when_idle();

  OwnRooms rooms_;
  HandlerPtr handler_;
  Turn turn_;
  std::shared_ptr<OwnChild> child_;
  UniqueFd raw_[2];  // of IPv4 and IPv6, while there is a child
  Alarm answered_, idle_;
  std::uint64_t last_id_ = 0;
  std::optional<ResendAnswer> answer_;
  Clock::time_point last_use_{};
  std::string why_ended_;
  bool is_failure_said_ = false;
  bool is_asked_ = false, is_closed_ = false, is_tended_ = false;
};

}  // namespace superd
