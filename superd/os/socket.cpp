// SPDX-License-Identifier: MIT
// Listeners and connections.
#include "superd/os/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "superd/os/descriptors.hpp"
#include "superd/os/socket_address.hpp"
#include "superd/os/unix_path.hpp"

namespace superd {
namespace {

struct Option {
  const char* name;
  int level;
  int option;
  std::optional<int> value;  // absent: leave it
};

std::optional<int> if_set(bool on) { return on ? std::optional(1) : std::nullopt; }

std::optional<int> whole_seconds(std::optional<Milliseconds> duration) {
  if (!duration) return std::nullopt;
  return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(*duration).count());
}

// IPv6 sockets say whether they take IPv4 too: the table's words, never the system's default.
std::optional<int> v6only(const TcpAddress& tcp, const SocketOptions& options) {
  if (family_of(tcp) != AF_INET6) return std::nullopt;
  if (options.v6only) return *options.v6only ? 1 : 0;
  return tcp.host || tcp.family == IpFamily::v6 ? 1 : 0;
}

std::vector<Option> socket_options(const BindAddress& address, const SocketOptions& o) {
  std::vector<Option> all{
      {"receive_buffer", SOL_SOCKET, SO_RCVBUF, o.receive_buffer},
      {"send_buffer", SOL_SOCKET, SO_SNDBUF, o.send_buffer},
  };
  const auto* tcp = std::get_if<TcpAddress>(&address);
  if (!tcp) return all;
  const bool is_v6 = family_of(address) == AF_INET6;
  const int ip = is_v6 ? SOL_IPV6 : SOL_IP;
  const auto mark = o.mark ? std::optional(static_cast<int>(*o.mark)) : std::nullopt;
  const std::optional<int> traffic_class = is_v6 ? o.tos : std::nullopt;
  const Option of_tcp[] = {
      {"reuse_address", SOL_SOCKET, SO_REUSEADDR, 1},
      {"reuse_port", SOL_SOCKET, SO_REUSEPORT, if_set(o.reuse_port)},
      {"keepalive", SOL_SOCKET, SO_KEEPALIVE, if_set(o.keepalive)},
      {"mark", SOL_SOCKET, SO_MARK, mark},
      {"v6only", SOL_IPV6, IPV6_V6ONLY, v6only(*tcp, o)},
      {"freebind", ip, is_v6 ? IPV6_FREEBIND : IP_FREEBIND, if_set(o.freebind)},
      {"transparent", ip, is_v6 ? IPV6_TRANSPARENT : IP_TRANSPARENT, if_set(o.transparent)},
      {"tos", SOL_IP, IP_TOS, o.tos},
      {"tos", SOL_IPV6, IPV6_TCLASS, traffic_class},
      {"nodelay", SOL_TCP, TCP_NODELAY, if_set(o.nodelay)},
      {"defer_accept", SOL_TCP, TCP_DEFER_ACCEPT, whole_seconds(o.defer_accept)},
      {"fast_open", SOL_TCP, TCP_FASTOPEN, o.fast_open},
  };
  all.insert(all.end(), std::begin(of_tcp), std::end(of_tcp));
  return all;
}

Result<void> set_options(int socket, const Listen& listen) {
  for (const Option& o : socket_options(listen.address, listen.options)) {
    if (!o.value) continue;
    if (setsockopt(socket, o.level, o.option, &*o.value, sizeof *o.value) != 0)
      return system_error(std::string("option '") + o.name + "'", errno);
  }
  const std::string& device = listen.options.device;
  if (device.empty()) return {};
  const auto length = static_cast<socklen_t>(device.size());
  if (setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, device.data(), length) != 0)
    return system_error("option 'device'", errno);
  return {};
}

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

Result<UniqueFd> open_listener(const Listen& listen) {
  const int family = family_of(listen.address);
  UniqueFd low(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!low) return system_error("socket", errno);
  if (auto set = set_options(low.get(), listen); !set) return set.error();
  if (auto bound = bind_to(low.get(), listen); !bound) return bound.error();
  // The kernel cuts it to net.core.somaxconn.
  if (::listen(low.get(), listen.options.backlog.value_or(65535)) != 0)
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
