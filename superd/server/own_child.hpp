// SPDX-License-Identifier: MIT
// One running program of superd's own: launched like a handler, its stderr in the log, its stdin
// and stdout a conversation. It says what arrives and when it is over; what that means is for the
// room that the program works for (server/lookups, server/returns).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "superd/os/message_socket.hpp"
#include "superd/server/supervisor.hpp"

namespace superd {

/// The rooms that a program of superd's own needs.
struct OwnRooms {
  Loop& loop;
  Reporter& reporter;
  Supervisor& supervisor;
  HandlerLogs& logs;
  const TaskDied& died;
};

/// Where the program `name` is, for a superd at `superd`: beside it in a build tree, else in
/// lib/superd of where both are installed.
std::string own_program(const std::string& superd, const std::string& name);

/// `program` made ready to launch: `identity` or else as superd itself, with little of everything.
/// `descriptors`: as for Handler.
HandlerPtr own_handler(const std::string& program, std::optional<Identity> identity,
                       const rlimit& descriptors,
                       std::vector<std::pair<std::string, std::string>> environment = {});

class OwnChild {
 public:
  /// Says what is wrong with a message ("it sent what is no answer"), for which the child is ended;
  /// empty: nothing.
  using Arrived = std::function<std::string(const std::string& message)>;
  /// `why` it ended, as the end of a sentence about it.
  using Ended = std::function<void(const std::string& why)>;

  /// Both are called from the loop, until retire(); `ended` once, and nothing after it. Messages
  /// are at most `longest` bytes. Errors: whatever superd is short of. A launch that fails later is
  /// an end.
  static Result<std::shared_ptr<OwnChild>> start(const HandlerPtr& handler, const OwnRooms& rooms,
                                                 std::size_t longest, Arrived arrived, Ended ended);

  /// With copies of `descriptors`. False: it couldn't be sent, since the child is about to end.
  bool send(std::string_view message, std::span<const int> descriptors = {});
  /// Ends it, without a word more from it.
  void retire();
  /// Ends it because of `why`, which `ended` is told.
  void stop(std::string why);

 private:
  OwnChild(const OwnRooms& rooms, ChildPtr child, UniqueFd socket, std::size_t longest,
           Arrived arrived, Ended ended);

  static awaitable<void> listen(std::shared_ptr<OwnChild> self);
  static awaitable<void> attend(std::shared_ptr<OwnChild> self);
  bool take_messages();

  Supervisor& supervisor_;
  ChildPtr child_;
  boost::asio::posix::stream_descriptor socket_;
  std::size_t longest_;
  Arrived arrived_;
  Ended ended_;
  std::string why_;
};

}  // namespace superd
