// SPDX-License-Identifier: MIT
// The only place that fills and reads sockaddr structures.
#include "superd/os/socket_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

namespace superd {
namespace {

KernelAddress from_tcp(const TcpAddress& tcp) {
  KernelAddress out;
  if (family_of(tcp) == AF_INET) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(tcp.port);
    if (tcp.host) std::memcpy(&in.sin_addr, tcp.host->bytes.data(), sizeof in.sin_addr);
    std::memcpy(&out.storage, &in, out.length = sizeof in);
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(tcp.port);
    if (tcp.host) {
      std::memcpy(&in.sin6_addr, tcp.host->bytes.data(), sizeof in.sin6_addr);
      in.sin6_scope_id = tcp.host->scope;
    }
    std::memcpy(&out.storage, &in, out.length = sizeof in);
  }
  return out;
}

// unix(7): an abstract name begins with a NUL and its length counts; a path ends with one.
KernelAddress from_unix(const UnixAddress& address) {
  KernelAddress out;
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  const std::size_t offset = address.abstract ? 1 : 0;
  const std::size_t length = std::min(address.path.size(), longest_unix_path);
  std::memcpy(un.sun_path + offset, address.path.data(), length);
  out.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length + 1);
  std::memcpy(&out.storage, &un, out.length);
  return out;
}

}  // namespace

int family_of(const BindAddress& address) {
  const auto* tcp = std::get_if<TcpAddress>(&address);
  if (!tcp) return AF_UNIX;
  if (tcp->host) return tcp->host->v6 ? AF_INET6 : AF_INET;
  return tcp->family == IpFamily::v4 ? AF_INET : AF_INET6;
}

KernelAddress to_kernel(const BindAddress& address) {
  if (const auto* tcp = std::get_if<TcpAddress>(&address)) return from_tcp(*tcp);
  return from_unix(std::get<UnixAddress>(address));
}

Endpoint to_endpoint(const KernelAddress& address) {
  Endpoint out;
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address.storage, sizeof in);
    out.port = ntohs(in.sin_port);
    std::memcpy(out.address.bytes.data(), &in.sin_addr, sizeof in.sin_addr);
    return out;
  }
  sockaddr_in6 in{};
  std::memcpy(&in, &address.storage, sizeof in);
  out.port = ntohs(in.sin6_port);
  out.address.v6 = true;
  out.address.scope = in.sin6_scope_id;
  std::memcpy(out.address.bytes.data(), &in.sin6_addr, sizeof in.sin6_addr);
  out.address = unmapped(out.address);
  return out;
}

}  // namespace superd
