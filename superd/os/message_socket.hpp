// SPDX-License-Identifier: MIT
// A pair of sockets for messages between superd and a program of its own: each arrives whole or not
// at all (SOCK_SEQPACKET, unix(7)), and the end of one side is the end of the conversation.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "superd/base/result.hpp"
#include "superd/os/fd.hpp"

namespace superd {

struct MessageSockets {
  UniqueFd ours;    // never blocks; at 64 or above
  UniqueFd theirs;  // for a program's stdin and stdout: blocks
};

/// Both close-on-exec. Errors: EMFILE, ENFILE.
Result<MessageSockets> open_message_sockets();

/// Whether `fd` can be one end of them.
bool is_message_socket(int fd);

/// At most so many descriptors go along with a message.
inline constexpr std::size_t most_descriptors = 8;

/// Sends one message, with copies of `descriptors`. Errors: EAGAIN where the socket is full, EPIPE
/// where the other side is gone.
Result<void> send_message(int socket, std::string_view message,
                          std::span<const int> descriptors = {});

/// The next message; empty at the end of the conversation. Errors: EAGAIN where none is there,
/// EMSGSIZE for one that is longer than `longest` bytes. An empty message can't be told from the
/// end.
Result<std::string> receive_message(int socket, std::size_t longest);

struct Delivery {
  std::string message;
  std::vector<UniqueFd> descriptors;  // close-on-exec
};

/// The same, with the descriptors that came along.
Result<Delivery> receive_delivery(int socket, std::size_t longest);

}  // namespace superd
