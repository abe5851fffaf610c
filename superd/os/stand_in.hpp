// SPDX-License-Identifier: MIT
// A stream pair that stands in for a connection until there is one (superd-warm): what a handler
// says before is moved on unread, and then it is sent the connection itself.
#pragma once

#include <cstddef>
#include <cstdint>

#include "superd/base/result.hpp"
#include "superd/os/fd.hpp"

namespace superd {

struct StandIn {
  UniqueFd ours;    // at 64 or above
  UniqueFd theirs;  // a handler's input; blocks
};

/// Both close-on-exec. Errors: EMFILE, ENFILE.
Result<StandIn> open_stand_in();

/// Sends the connection, whoever waits for it at the other end. Errors: EPIPE where nobody does any
/// more, EAGAIN.
Result<void> send_connection(int stand_in, int connection);

enum class Receipt : std::uint8_t { not_yet, yes, never };

/// Whether a connection that was sent has been received. Never: whoever waited for it has ended,
/// and the connection with it unless somebody else has it still. The end becomes readable when that
/// changes, or soon after.
Receipt was_taken(int stand_in);

/// What a handler has said early, on its way to a connection.
class EarlyWords {
 public:
  /// Moves as much as the connection takes now. True: all of it. Errors: of the connection, to
  /// which nothing can be said any more; EMFILE.
  Result<bool> move(int stand_in, int connection);
  bool were_any() const { return static_cast<bool>(in_); }

 private:
  Result<bool> fill(int stand_in);

  UniqueFd in_, out_;  // a pipe, made for the first of them
  std::size_t held_ = 0;
};

}  // namespace superd
