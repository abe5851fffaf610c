// SPDX-License-Identifier: MIT
// A program of superd's own that runs beside it without power: superd-lookup, superd-relay.
// Launched like a handler, its stderr in the log, its stdin and stdout a conversation. It says what
// arrives and when it is over; what that means is its user's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "superd/os/message_socket.hpp"
#include "superd/server/supervisor.hpp"

namespace superd {

/// The rooms that a companion passes through.
struct CompanionRooms {
  Loop& loop;
  Reporter& reporter;
  Supervisor& supervisor;
  HandlerLogs& logs;
  const TaskDied& died;
};

class Companion {
 public:
  /// What its user is told, from the loop, until retire().
  struct Listener {
    std::size_t longest;                            // message
    std::function<void(std::string_view)> heard;    // a message
    std::function<void(const std::string&)> ended;  // why, as the end of a sentence about it; once,
                                                    // and nothing after it
  };

  /// Errors: whatever superd is short of. A launch that fails later is an end.
  static Result<std::shared_ptr<Companion>> start(const HandlerPtr& handler,
                                                  const CompanionRooms& rooms, Listener listener);
  /// One that the superd before this one started (server/upgrade).
  static std::shared_ptr<Companion> adopt(pid_t pid, UniqueFd socket, Clock::time_point started,
                                          const HandlerPtr& handler, const CompanionRooms& rooms,
                                          Listener listener);

  /// Errors: EAGAIN, ETOOMANYREFS: not now; others: it is about to end.
  Result<void> say(std::string_view message);
  Result<void> say(std::string_view message, int descriptor);
  /// Ends it, without a word more from it.
  void retire();
  /// Ends it because of `why`, which `ended` is told.
  void stop(std::string why);

  pid_t pid() const { return child_->pid(); }
  Clock::time_point started() const { return child_->started(); }
  bool has_ended() const { return child_->has_ended(); }
  int socket() { return socket_.native_handle(); }

 private:
  Companion(const CompanionRooms& rooms, ChildPtr child, UniqueFd socket, Listener listener);

  static std::shared_ptr<Companion> attended(std::shared_ptr<Companion> self,
                                             const CompanionRooms& rooms);
  static awaitable<void> listen(std::shared_ptr<Companion> self);
  static awaitable<void> attend(std::shared_ptr<Companion> self);
  bool take_messages();

  Supervisor& supervisor_;
  ChildPtr child_;
  boost::asio::posix::stream_descriptor socket_;
  Listener listener_;
  std::string why_;
};

}  // namespace superd
