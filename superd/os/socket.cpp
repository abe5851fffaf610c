// SPDX-License-Identifier: MIT
// Listeners and connections.
#include "superd/os/socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "superd/os/descriptors.hpp"
#include "superd/os/socket_address.hpp"
#include "superd/os/socket_options.hpp"
#include "superd/os/unix_path.hpp"

namespace superd {
namespace {

Result<void> bind_to(int socket, const Listen& listen) {
  if (const auto* local = std::get_if<UnixAddress>(&listen.address); local && !local->abstract)
    return bind_unix_path(socket, *local, listen.options);
  const KernelAddress address = to_kernel(listen.address);
  if (bind(socket, address.get(), address.length) != 0) return system_error("bind", errno);
  return {};
}

// The local end costs a system call only where the listener takes several addresses.
Endpoint local_end(int socket, const BindAddress& bound) {
  const auto& tcp = std::get<TcpAddress>(bound);
  if (tcp.host) return {unmapped(*tcp.host), tcp.port};
  KernelAddress address;
  if (getsockname(socket, address.get(), &address.length) != 0) return {{}, tcp.port};
  return to_endpoint(address);
}

UnixPeer unix_peer(int socket, const BindAddress& bound) {
  ucred credentials{.pid = 0, .uid = static_cast<uid_t>(-1), .gid = static_cast<gid_t>(-1)};
  socklen_t length = sizeof credentials;
  getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length);
  return {credentials.uid, credentials.gid, credentials.pid, std::get<UnixAddress>(bound)};
}

}  // namespace

Result<UniqueFd> open_listener(const Listen& listen, Newcomers greeting) {
  const int family = family_of(listen.address);
  UniqueFd low(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!low) return system_error("socket", errno);
  if (auto set = set_options(low.get(), listen); !set) return set.error();
  if (auto bound = bind_to(low.get(), listen); !bound) return bound.error();
  if (greeting == Newcomers::silent) answer_newcomers(low.get(), false);
  if (::listen(low.get(), listen.options->backlog.value_or(longest_backlog)) != 0)
    return system_error("listen", errno);
  return moved_high(std::move(low));
}

Result<BindAddress> bound_address(int listener, const BindAddress& asked) {
  const auto* tcp = std::get_if<TcpAddress>(&asked);
  if (!tcp) return asked;
  KernelAddress address;
  if (getsockname(listener, address.get(), &address.length) != 0)
    return system_error("getsockname", errno);
  TcpAddress bound = *tcp;
  bound.port = to_endpoint(address).port;
  return BindAddress(bound);
}

Result<Accepted> accept_connection(int listener, const BindAddress& bound) {
  KernelAddress address;
  UniqueFd socket(accept4(listener, address.get(), &address.length, SOCK_CLOEXEC));
  if (!socket) return Error{{}, errno};  // EAGAIN ends every batch: no words for it
  if (std::holds_alternative<UnixAddress>(bound)) {
    const int fd = socket.get();
    return Accepted{std::move(socket), unix_peer(fd, bound)};
  }
  const Endpoint local = local_end(socket.get(), bound);
  return Accepted{std::move(socket), TcpPeer{to_endpoint(address), local}};
}

void say(int socket, std::string_view text) {
  send(socket, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void shut_sending(int socket) { shutdown(socket, SHUT_WR); }

bool discard_arrived(int socket) {
  for (int turn = 0; turn < 16;
       ++turn) {  // a client that never stops sending gets no more than its turn
    const ssize_t n = recv(socket, nullptr, std::size_t{1} << 20, MSG_TRUNC | MSG_DONTWAIT);
    if (n == 0) return false;
    if (n < 0) return errno == EAGAIN || errno == EINTR;
  }
  return true;
}

}  // namespace superd
