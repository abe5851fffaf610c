// SPDX-License-Identifier: MIT
// The only place that fills and reads sockaddr structures.
#include "superd/os/socket_address.hpp"

#include <arpa/inet.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

#include "superd/base/overloaded.hpp"

namespace superd {
namespace {

KernelAddress from_inet(const InetAddress& inet) {
  KernelAddress out;
  if (family_of(inet) == AF_INET) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(inet.port);
    if (inet.host) std::memcpy(&in.sin_addr, inet.host->bytes.data(), sizeof in.sin_addr);
    std::memcpy(&out.storage, &in, out.length = sizeof in);
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(inet.port);
    if (inet.host) {
      std::memcpy(&in.sin6_addr, inet.host->bytes.data(), sizeof in.sin6_addr);
      in.sin6_scope_id = inet.host->scope;
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

KernelAddress from_vsock(const VsockAddress& vsock) {
  KernelAddress out;
  sockaddr_vm in{};
  in.svm_family = AF_VSOCK;
  in.svm_cid = vsock.cid.value_or(VMADDR_CID_ANY);
  in.svm_port = vsock.port == 0 ? VMADDR_PORT_ANY : vsock.port;
  std::memcpy(&out.storage, &in, out.length = sizeof in);
  return out;
}

}  // namespace

int family_of(const BindAddress& address) {
  if (std::holds_alternative<UnixAddress>(address)) return AF_UNIX;
  const auto* inet = std::get_if<InetAddress>(&address);
  if (!inet) return AF_VSOCK;
  if (inet->host) return inet->host->v6 ? AF_INET6 : AF_INET;
  return inet->family == IpFamily::v4 ? AF_INET : AF_INET6;
}

int type_of(const BindAddress& address) {
  if (is_datagram(address)) return SOCK_DGRAM;
  const auto* local = std::get_if<UnixAddress>(&address);
  return local && local->kind == UnixKind::seqpacket ? SOCK_SEQPACKET : SOCK_STREAM;
}

int protocol_of(const BindAddress& address) {
  constexpr int numbers[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_MPTCP, IPPROTO_SCTP};
  const auto* inet = std::get_if<InetAddress>(&address);
  return inet ? numbers[static_cast<std::size_t>(inet->transport)] : 0;
}

KernelAddress to_kernel(const BindAddress& address) {
  return std::visit(Overloaded{[](const InetAddress& inet) { return from_inet(inet); },
                               [](const UnixAddress& local) { return from_unix(local); },
                               [](const VsockAddress& vsock) { return from_vsock(vsock); }},
                    address);
}

VsockAddress to_vsock(const KernelAddress& address) {
  sockaddr_vm in{};
  std::memcpy(&in, &address.storage, sizeof in);
  VsockAddress out{std::nullopt, in.svm_port};
  if (in.svm_cid != VMADDR_CID_ANY) out.cid = in.svm_cid;
  return out;
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
