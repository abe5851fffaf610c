// SPDX-License-Identifier: MIT
// A pair of sockets for messages between superd and a program of its own: each arrives whole or not
// at all (SOCK_SEQPACKET, unix(7)), and the end of one side is the end of the conversation.
#pragma once

#include <string>
#include <string_view>

#include "superd/base/result.hpp"
#include "superd/os/fd.hpp"

namespace superd {

struct MessageSockets {
  UniqueFd ours;    // never blocks; at 64 or above
  UniqueFd theirs;  // for a program's stdin and stdout: blocks
};

/// Both close-on-exec. Errors: EMFILE, ENFILE.
Result<MessageSockets> open_message_sockets();

/// Sends one message. Errors: EAGAIN where the socket is full, EPIPE where the other side is gone.
Result<void> send_message(int socket, std::string_view message);

/// The same with a descriptor that the other side gets a copy of. Errors besides: ETOOMANYREFS
/// where too many are on their way.
Result<void> send_message(int socket, std::string_view message, int descriptor);

/// The next message; empty at the end of the conversation. Errors: EAGAIN where none is there,
/// EMSGSIZE for one that is longer than `longest` bytes. An empty message can't be told from the
/// end.
Result<std::string> receive_message(int socket, std::size_t longest);

/// A message, and the descriptor that came along.
struct MessageAndDescriptor {
  std::string message;
  UniqueFd descriptor;  // absent: none came, or there was no number free for it
};

/// As receive_message(), but never waits, and takes a descriptor, close-on-exec.
Result<MessageAndDescriptor> receive_with_descriptor(int socket, std::size_t longest);

}  // namespace superd
