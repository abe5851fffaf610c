// SPDX-License-Identifier: MIT
// unix(7): autobind, SO_PASSCRED, SCM_CREDENTIALS.
#include "superd/os/notify_listener.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "superd/os/descriptors.hpp"
#include "superd/os/sent_descriptors.hpp"

namespace superd {
namespace {

pid_t sender_in(const cmsghdr& note) {
  ucred who{};
  std::memcpy(&who, CMSG_DATA(&note), sizeof who);
  return who.pid;
}

}  // namespace

Result<UniqueFd> open_notify_listener() {
  UniqueFd low(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!low) return system_error("socket", errno);
  const int yes = 1;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // With the family alone the kernel finds a name that nobody has.
  if (setsockopt(low.get(), SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0 ||
      bind(low.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address.sun_family) != 0)
    return system_error("bind", errno);
  return moved_high(std::move(low));
}

Result<std::string> notify_address(int listener) {
  sockaddr_un address{};
  socklen_t length = sizeof address;
  if (getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0)
    return system_error("getsockname", errno);
  constexpr std::size_t begin = offsetof(sockaddr_un, sun_path) + 1;
  if (length <= begin) return Error{"it has no name", EINVAL};
  return as_result("@" + std::string(address.sun_path + 1, length - begin));
}

// Descriptors for which there is no room in `notes` never become ours.
Result<NotifyNote> take_notify_note(int listener, std::size_t longest) {
  NotifyNote note;
  note.text.resize(longest);
  iovec text{note.text.data(), note.text.size()};
  alignas(cmsghdr) std::array<char, 256> notes;
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = notes.data();
  message.msg_controllen = notes.size();
  ssize_t length = -1;
  do length = recvmsg(listener, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (length < 0 && errno == EINTR);
  if (length < 0) return system_error("recvmsg", errno);
  note.text.resize(static_cast<std::size_t>(length));
  for (cmsghdr* one = CMSG_FIRSTHDR(&message); one; one = CMSG_NXTHDR(&message, one)) {
    if (one->cmsg_level != SOL_SOCKET) continue;
    descriptors_in(*one);
    if (one->cmsg_type == SCM_CREDENTIALS) note.sender = sender_in(*one);
  }
  return note;
}

pid_t session_leader(pid_t process) {
  const pid_t leader = process > 0 ? getsid(process) : -1;
  return leader < 0 ? 0 : leader;
}

}  // namespace superd
