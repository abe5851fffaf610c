// SPDX-License-Identifier: MIT
// One running superd-lookup: launched like a handler, its stderr in the log, its stdin and stdout a
// conversation. It says what arrives and when it is over; whom that concerns is in server/lookups.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "superd/core/lookup_message.hpp"
#include "superd/os/message_socket.hpp"
#include "superd/server/supervisor.hpp"

namespace superd {

/// The rooms that a lookup passes through.
struct LookupRooms {
  Loop& loop;
  Reporter& reporter;
  Supervisor& supervisor;
  HandlerLogs& logs;
  const TaskDied& died;
};

/// Where a program of superd's own is, such as superd-lookup, for a superd at `superd`: beside it
/// in a build tree, else in lib/superd of where both are installed.
std::string own_program(const std::string& superd, const std::string& name);

/// `program` made ready to launch: `identity` or else as superd itself, with little of everything.
/// `descriptors`: as for Handler.
HandlerPtr lookup_handler(const std::string& program, std::optional<Identity> identity,
                          const rlimit& descriptors);

class LookupChild {
 public:
  using Answered = std::function<void(const LookupAnswer& answer)>;
  /// `why` it ended, as the end of a sentence about it.
  using Ended = std::function<void(const std::string& why)>;

  /// Both are called from the loop, until retire(); `ended` once, and nothing after it. Errors:
  /// whatever superd is short of. A launch that fails later is an end.
  static Result<std::shared_ptr<LookupChild>> start(const HandlerPtr& handler,
                                                    const LookupRooms& rooms, Answered answered,
                                                    Ended ended);

  /// False: it couldn't be sent, since the child is about to end.
  bool ask(const LookupRequest& request);
  /// Ends it, without a word more from it.
  void retire();
  /// Ends it because of `why`, which `ended` is told.
  void stop(std::string why);

 private:
  LookupChild(const LookupRooms& rooms, ChildPtr child, UniqueFd socket, Answered answered,
              Ended ended);

  static awaitable<void> listen(std::shared_ptr<LookupChild> self);
  static awaitable<void> attend(std::shared_ptr<LookupChild> self);
  bool take_messages();

  Supervisor& supervisor_;
  ChildPtr child_;
  boost::asio::posix::stream_descriptor socket_;
  Answered answered_;
  Ended ended_;
  std::string why_;
};

}  // namespace superd
