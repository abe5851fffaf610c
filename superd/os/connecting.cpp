// SPDX-License-Identifier: MIT
// connect(2) without waiting.
#include "superd/os/connecting.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "superd/os/socket_address.hpp"

namespace superd {
namespace {

Result<Connecting> begin(const BindAddress& to) {
  const KernelAddress address = to_kernel(to);
  UniqueFd fd(socket(family_of(to), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return system_error("socket", errno);
  if (connect(fd.get(), address.get(), address.length) == 0) return Connecting{std::move(fd), true};
  if (errno != EINPROGRESS) return system_error("connect", errno);
  return Connecting{std::move(fd), false};
}

}  // namespace

Result<Connecting> begin_connect(const Endpoint& to) {
  const IpAddress host = unmapped(to.address);
  auto connecting =
      begin(InetAddress{Transport::tcp, host.v6 ? IpFamily::v6 : IpFamily::v4, host, to.port});
  if (connecting) make_relayed(connecting->socket.get());
  return connecting;
}

Result<Connecting> begin_connect(const UnixAddress& to) { return begin(to); }

int connect_result(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

// TCP_NODELAY fails elsewhere, where nothing is delayed.
void make_relayed(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(socket, F_SETFL, O_RDWR | O_NONBLOCK);
}

void close_with_reset(int socket) {
  const linger at_once{1, 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace superd
