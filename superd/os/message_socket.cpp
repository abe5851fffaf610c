// SPDX-License-Identifier: MIT
// Messages over a pair of sockets.
#include "superd/os/message_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "superd/os/descriptors.hpp"
#include "superd/os/sent_descriptors.hpp"

namespace superd {
namespace {

// What goes along with a message, SCM_RIGHTS of unix(7).
class Descriptors {
 public:
  void attach(std::span<const int> descriptors, msghdr& header) {
    offer_room(header);
    const std::size_t bytes = std::min(descriptors.size(), most_descriptors) * sizeof(int);
    header.msg_controllen = CMSG_SPACE(bytes);
    cmsghdr* const note = CMSG_FIRSTHDR(&header);
    note->cmsg_level = SOL_SOCKET;
    note->cmsg_type = SCM_RIGHTS;
    note->cmsg_len = CMSG_LEN(bytes);
    std::memcpy(CMSG_DATA(note), descriptors.data(), bytes);
  }

  void offer_room(msghdr& header) {
    header.msg_control = room_.data();
    header.msg_controllen = room_.size();
  }

  static std::vector<UniqueFd> taken_from(msghdr& header) {
    std::vector<UniqueFd> taken;
    for (cmsghdr* note = CMSG_FIRSTHDR(&header); note; note = CMSG_NXTHDR(&header, note))
      for (UniqueFd& one : descriptors_in(*note)) taken.push_back(std::move(one));
    return taken;
  }

 private:
  alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> room_{};
};

}  // namespace

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

bool is_message_socket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

Result<void> send_message(int socket, std::string_view message, std::span<const int> descriptors) {
  Descriptors along;
  iovec text{const_cast<char*>(message.data()), message.size()};
  msghdr header{};
  header.msg_iov = &text;
  header.msg_iovlen = 1;
  if (!descriptors.empty()) along.attach(descriptors, header);
  if (sendmsg(socket, &header, MSG_NOSIGNAL) < 0) return system_error("send", errno);
  return {};
}

// What came along is closed: nobody asked for it.
Result<std::string> receive_message(int socket, std::size_t longest) {
  auto delivery = receive_delivery(socket, longest);
  if (!delivery) return delivery.error();
  return as_result(std::move(delivery->message));
}

// With MSG_TRUNC the answer is the message's own length, whatever there was room for.
Result<Delivery> receive_delivery(int socket, std::size_t longest) {
  Delivery delivery{std::string(longest, '\0'), {}};
  Descriptors along;
  iovec text{delivery.message.data(), longest};
  msghdr header{};
  header.msg_iov = &text;
  header.msg_iovlen = 1;
  along.offer_room(header);
  ssize_t length = -1;
  do length = recvmsg(socket, &header, MSG_TRUNC | MSG_CMSG_CLOEXEC);
  while (length < 0 && errno == EINTR);
  if (length < 0 && errno == ECONNRESET) length = 0;  // it ended with messages unread
  if (length < 0) return system_error("receive", errno);
  delivery.descriptors = Descriptors::taken_from(header);
  if (static_cast<std::size_t>(length) > longest) return system_error("receive", EMSGSIZE);
  delivery.message.resize(static_cast<std::size_t>(length));
  return as_result(std::move(delivery));
}

}  // namespace superd
