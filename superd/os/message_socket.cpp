// SPDX-License-Identifier: MIT
// Messages over a pair of sockets.
#include "superd/os/message_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "superd/os/descriptors.hpp"

namespace superd {

Result<MessageSockets> open_message_sockets() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return system_error("socketpair", errno);
  UniqueFd ours(ends[0]), theirs(ends[1]);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  auto high = moved_high(std::move(ours));
  if (!high) return high.error();
  return MessageSockets{std::move(*high), std::move(theirs)};
}

Result<void> send_message(int socket, std::string_view message) {
  const ssize_t sent = send(socket, message.data(), message.size(), MSG_NOSIGNAL);
  if (sent < 0) return system_error("send", errno);
  return {};
}

// With MSG_TRUNC the answer is the message's own length, whatever there was room for.
Result<std::string> receive_message(int socket, std::size_t longest) {
  std::string message(longest, '\0');
  ssize_t length = -1;
  do length = recv(socket, message.data(), message.size(), MSG_TRUNC);
  while (length < 0 && errno == EINTR);
  if (length < 0 && errno == ECONNRESET) length = 0;  // it ended with messages unread
  if (length < 0) return system_error("receive", errno);
  if (static_cast<std::size_t>(length) > longest) return system_error("receive", EMSGSIZE);
  message.resize(static_cast<std::size_t>(length));
  return as_result(std::move(message));
}

// As unix(7) has it: one descriptor in a control message of its own.
Result<void> send_message(int socket, std::string_view message, int descriptor) {
  iovec bytes{const_cast<char*>(message.data()), message.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &bytes;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  cmsghdr* const rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
  if (sendmsg(socket, &header, MSG_NOSIGNAL) < 0) return system_error("send", errno);
  return {};
}

// There is room for one, and the kernel closes what there is no room for.
Result<MessageAndDescriptor> receive_with_descriptor(int socket, std::size_t longest) {
  MessageAndDescriptor received{std::string(longest, '\0'), UniqueFd()};
  iovec bytes{received.message.data(), longest};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &bytes;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  ssize_t length = -1;
  do length = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_TRUNC);
  while (length < 0 && errno == EINTR);
  if (length < 0 && errno == ECONNRESET) length = 0;
  if (length < 0) return system_error("receive", errno);
  const cmsghdr* const rights = CMSG_FIRSTHDR(&header);
  if (rights && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS &&
      rights->cmsg_len == CMSG_LEN(sizeof(int))) {
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(rights), sizeof descriptor);
    received.descriptor.reset(descriptor);
  }
  if (static_cast<std::size_t>(length) > longest) return system_error("receive", EMSGSIZE);
  received.message.resize(static_cast<std::size_t>(length));
  return as_result(std::move(received));
}

}  // namespace superd
