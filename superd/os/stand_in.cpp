// SPDX-License-Identifier: MIT
// unix(7), splice(2).
#include "superd/os/stand_in.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "superd/os/descriptors.hpp"

namespace superd {
namespace {

constexpr std::size_t at_once = 64 * 1024;

// Only while nobody else has it: splice has no flag of its own that keeps it from waiting.
class Hasty {
 public:
  explicit Hasty(int fd) : fd_(fd), flags_(fcntl(fd, F_GETFL)) {
    fcntl(fd_, F_SETFL, flags_ | O_NONBLOCK);
  }
  ~Hasty() { fcntl(fd_, F_SETFL, flags_); }
  Hasty(const Hasty&) = delete;
  Hasty& operator=(const Hasty&) = delete;

 private:
  int fd_, flags_;
};

}  // namespace

Result<StandIn> open_stand_in() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return system_error("socketpair", errno);
  UniqueFd ours(ends[0]), theirs(ends[1]);
  auto high = moved_high(std::move(ours));
  if (!high) return high.error();
  return StandIn{std::move(*high), std::move(theirs)};
}

Result<void> send_connection(int stand_in, int connection) {
  char byte = 0;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof connection)] = {};
  iovec one{&byte, 1};
  msghdr message{};
  message.msg_iov = &one;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof connection);
  std::memcpy(CMSG_DATA(header), &connection, sizeof connection);
  if (sendmsg(stand_in, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
    return system_error("sendmsg", errno);
  return {};
}

// The handler puts the connection in the place of its end, which closes it: that is the end of the
// stream here, and ECONNRESET where something was left unread. A process of the handler's own may
// hold on to its end; then what was sent isn't accounted for any more. What comes too late to be
// early is dropped.
Receipt was_taken(int stand_in) {
  char late[4096];
  const ssize_t length = recv(stand_in, late, sizeof late, MSG_DONTWAIT);
  if (length == 0) return Receipt::yes;
  if (length < 0 && errno != EAGAIN && errno != EINTR) return Receipt::never;
  int unread = 0;
  return ioctl(stand_in, SIOCOUTQ, &unread) == 0 && unread == 0 ? Receipt::yes : Receipt::not_yet;
}

// False: there is nothing.
Result<bool> EarlyWords::fill(int stand_in) {
  int waiting = 0;
  if (ioctl(stand_in, SIOCINQ, &waiting) != 0 || waiting <= 0) return false;
  if (!in_) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return system_error("pipe", errno);
    out_.reset(ends[0]);
    in_.reset(ends[1]);
  }
  const ssize_t moved = splice(stand_in, nullptr, in_.get(), nullptr, at_once, SPLICE_F_NONBLOCK);
  if (moved < 0) return system_error("splice", errno);
  held_ = static_cast<std::size_t>(moved);
  return moved > 0;
}

Result<bool> EarlyWords::move(int stand_in, int connection) {
  for (;;) {
    if (held_ == 0) {
      const auto filled = fill(stand_in);
      if (!filled || !*filled) return filled ? Result<bool>(true) : filled;
    }
    const Hasty hasty(connection);
    const ssize_t moved =
        splice(out_.get(), nullptr, connection, nullptr, held_, SPLICE_F_NONBLOCK);
    if (moved < 0 && errno == EAGAIN) return false;
    if (moved <= 0) return system_error("splice", moved < 0 ? errno : EPIPE);
    held_ -= static_cast<std::size_t>(moved);
  }
}

}  // namespace superd
