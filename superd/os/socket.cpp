// SPDX-License-Identifier: MIT
// Listeners and connections.
#include "superd/os/socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "superd/base/overloaded.hpp"
#include "superd/os/datagram.hpp"
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

// Who connects to an address of its own is at no other: the system call is saved.
Endpoint local_end(int socket, const InetAddress& bound) {
  if (bound.host) return {unmapped(*bound.host), bound.port};
  KernelAddress address;
  if (getsockname(socket, address.get(), &address.length) != 0) return {{}, bound.port};
  return to_endpoint(address);
}

UnixPeer unix_peer(int socket, const UnixAddress& bound) {
  ucred credentials{.pid = 0, .uid = static_cast<uid_t>(-1), .gid = static_cast<gid_t>(-1)};
  socklen_t length = sizeof credentials;
  getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length);
  return {credentials.uid, credentials.gid, credentials.pid, bound};
}

VsockPeer vsock_peer(int socket, const KernelAddress& remote, const VsockAddress& bound) {
  const VsockAddress from = to_vsock(remote);
  KernelAddress own;
  const bool is_known = getsockname(socket, own.get(), &own.length) == 0;
  return {from.cid.value_or(0), from.port, is_known ? to_vsock(own) : bound};
}

Peer peer_of(int socket, const KernelAddress& remote, const BindAddress& bound) {
  return std::visit(
      Overloaded{
          [&](const InetAddress& inet) -> Peer {
            return InetPeer{inet.transport, to_endpoint(remote), local_end(socket, inet)};
          },
          [&](const UnixAddress& local) -> Peer { return unix_peer(socket, local); },
          [&](const VsockAddress& vsock) -> Peer { return vsock_peer(socket, remote, vsock); }},
      bound);
}

// Where a peer's datagrams went, with no host where that was a group's address.
InetAddress local_address(const InetPeer& peer) {
  const bool v6 = peer.remote.address.v6;
  InetAddress local{Transport::udp, v6 ? IpFamily::v6 : IpFamily::v4, {}, peer.local.port};
  if (peer.local.address.bytes != IpAddress{}.bytes) local.host = peer.local.address;
  return local;
}

// From the first datagram on: who sent it can't be asked afterwards, and rules are about users,
// too. Where this fails the sender stays unknown.
void note_senders(int socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes);
}

}  // namespace

Result<UniqueFd> open_listener(const Listen& listen, Newcomers greeting) {
  const BindAddress& where = listen.address;
  UniqueFd low(
      socket(family_of(where), type_of(where) | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol_of(where)));
  if (!low) return system_error("socket", errno);
  if (auto set = set_options(low.get(), listen); !set) return set.error();
  if (std::holds_alternative<UnixAddress>(where) && is_datagram(where)) note_senders(low.get());
  if (auto bound = bind_to(low.get(), listen); !bound) return bound.error();
  if (greeting == Newcomers::silent) answer_newcomers(low.get(), false);
  if (!is_datagram(where) &&
      ::listen(low.get(), listen.options->backlog.value_or(longest_backlog)) != 0)
    return system_error("listen", errno);
  return moved_high(std::move(low));
}

Result<BindAddress> bound_address(int listener, const BindAddress& asked) {
  if (std::holds_alternative<UnixAddress>(asked)) return asked;
  KernelAddress address;
  if (getsockname(listener, address.get(), &address.length) != 0)
    return system_error("getsockname", errno);
  BindAddress bound = asked;
  if (auto* inet = std::get_if<InetAddress>(&bound))
    inet->port = to_endpoint(address).port;
  else
    std::get<VsockAddress>(bound).port = to_vsock(address).port;
  return bound;
}

Result<Accepted> accept_connection(int listener, const BindAddress& bound) {
  KernelAddress address;
  UniqueFd socket(accept4(listener, address.get(), &address.length, SOCK_CLOEXEC));
  if (!socket) return Error{{}, errno};  // EAGAIN ends every batch: no words for it
  Peer peer = peer_of(socket.get(), address, bound);
  return Accepted{std::move(socket), std::move(peer)};
}

Result<UniqueFd> open_exchange(const SocketOptions& options, const InetPeer& peer) {
  Listen own{local_address(peer), options, {}};
  own.options.edit([](SocketOptions& o) {
    o.reuse_port = true;
    o.multicast.clear();
  });
  UniqueFd low(socket(family_of(own.address), SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP));
  if (!low) return system_error("socket", errno);
  if (auto set = set_options(low.get(), own); !set) return set.error();
  note_destinations(low.get());
  if (auto bound = bind_to(low.get(), own); !bound) return bound.error();
  if (auto joined = rejoin_exchange(low.get(), peer); !joined) return joined.error();
  return moved_high(std::move(low));
}

Endpoint exchange_end(int socket) {
  KernelAddress own;
  getsockname(socket, own.get(), &own.length);
  return to_endpoint(own);
}

// Nobody else can send from the loopback address and our own port.
void leave_exchange(int socket) {
  const Endpoint here = exchange_end(socket);
  IpAddress loopback = ipv4(INADDR_LOOPBACK);
  if (here.address.v6) loopback = *parse_ip("::1");
  const KernelAddress nobody = to_kernel(InetAddress{Transport::udp, {}, loopback, here.port});
  connect(socket, nobody.get(), nobody.length);
}

Result<void> rejoin_exchange(int socket, const InetPeer& peer) {
  const auto [address, port] = peer.remote;
  const KernelAddress remote = to_kernel(InetAddress{Transport::udp, {}, address, port});
  if (connect(socket, remote.get(), remote.length) != 0) return system_error("connect", errno);
  return {};
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
