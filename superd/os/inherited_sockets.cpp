// SPDX-License-Identifier: MIT
// sd_listen_fds(3), and getsockname(2) back to words of the table.
#include "superd/os/inherited_sockets.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "superd/os/descriptors.hpp"
#include "superd/os/socket_address.hpp"

namespace superd {
namespace {

// Names as libsystemd gives them: an array that ends with a null, all of it on the heap.
struct Names {
  char** each = nullptr;

  ~Names() {
    for (char** name = each; name && *name; ++name) std::free(*name);
    std::free(each);
  }
};

// Those that are high already stay: with thousands of them there is no room to move all.
bool prepare(UniqueFd& socket) {
  if (socket.get() < first_high_descriptor) {
    auto high = moved_high(std::move(socket));
    if (!high) return false;
    socket = std::move(*high);
  }
  const int flags = fcntl(socket.get(), F_GETFL);
  return flags >= 0 && fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) == 0 &&
         fcntl(socket.get(), F_SETFD, FD_CLOEXEC) == 0;
}

Result<int> option_of(int socket, int level, int option) {
  int value = 0;
  socklen_t length = sizeof value;
  if (getsockopt(socket, level, option, &value, &length) != 0)
    return system_error("getsockopt", errno);
  return value;
}

bool has(int socket, int option, int wanted) {
  const auto value = option_of(socket, SOL_SOCKET, option);
  return value && *value == wanted;
}

Error no_listener(const char* what) { return {what, EINVAL}; }

std::optional<Transport> transport_of(int socket) {
  const auto protocol = option_of(socket, SOL_SOCKET, SO_PROTOCOL);
  for (const auto transport : {Transport::tcp, Transport::udp, Transport::mptcp, Transport::sctp})
    if (protocol && *protocol == protocol_of(InetAddress{transport})) return transport;
  return std::nullopt;
}

// A dual-stack socket is one of IPv6 that is bound to every address and takes IPv4, too.
Result<BindAddress> inet_address(int socket, const KernelAddress& address) {
  const auto transport = transport_of(socket);
  if (!transport) return no_listener("it is of no protocol that superd serves");
  const Endpoint end = to_endpoint(address);
  if (end.port == 0) return no_listener("it is bound to no port");
  const IpFamily own = end.address.v6 ? IpFamily::v6 : IpFamily::v4;
  if (end.address.bytes != IpAddress{}.bytes)
    return BindAddress(InetAddress{*transport, own, end.address, end.port});
  if (own == IpFamily::v4) return BindAddress(InetAddress{*transport, own, std::nullopt, end.port});
  const auto v6only = option_of(socket, SOL_IPV6, IPV6_V6ONLY);
  if (!v6only) return v6only.error();
  const IpFamily family = *v6only ? own : IpFamily::dual;
  return BindAddress(InetAddress{*transport, family, std::nullopt, end.port});
}

bool is_socket(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

std::optional<UnixKind> unix_kind_of(int socket) {
  for (const auto kind : {UnixKind::stream, UnixKind::datagram, UnixKind::seqpacket})
    if (has(socket, SO_TYPE, type_of(UnixAddress{{}, false, kind}))) return kind;
  return std::nullopt;
}

// unix(7): an abstract name follows a NUL and its length counts; a path may come with its NUL.
Result<BindAddress> unix_address(int socket, const KernelAddress& address) {
  const auto* name =
      reinterpret_cast<const char*>(&address.storage) + offsetof(sockaddr_un, sun_path);
  const auto kind = unix_kind_of(socket);
  if (!kind) return no_listener("it is of no type that superd serves");
  if (address.length <= offsetof(sockaddr_un, sun_path)) return no_listener("it has no address");
  const std::size_t length = address.length - offsetof(sockaddr_un, sun_path);
  if (name[0] == '\0')
    return BindAddress(UnixAddress{std::string(name + 1, length - 1), true, *kind});
  const std::string path(name, strnlen(name, length));
  if (!is_socket(path)) return Error{"its path '" + path + "' isn't there any more", ENOENT};
  return BindAddress(UnixAddress{path, false, *kind});
}

}  // namespace

std::vector<InheritedSocket> take_inherited_sockets() {
  Names names;
  const int count = sd_listen_fds_with_names(1, &names.each);
  std::vector<InheritedSocket> taken;
  for (int i = 0; i < count; ++i) {
    InheritedSocket one{UniqueFd(SD_LISTEN_FDS_START + i), names.each[i]};
    if (prepare(one.socket)) taken.push_back(std::move(one));
  }
  return taken;
}

Result<BindAddress> bound_address_of(int listener) {
  const auto family = option_of(listener, SOL_SOCKET, SO_DOMAIN);
  if (!family) return no_listener("it is no socket");
  KernelAddress address;
  if (getsockname(listener, address.get(), &address.length) != 0)
    return system_error("getsockname", errno);
  if (!has(listener, SO_TYPE, SOCK_DGRAM) && !has(listener, SO_ACCEPTCONN, 1))
    return no_listener("it doesn't listen");
  switch (*family) {
    case AF_INET:
    case AF_INET6:
      return inet_address(listener, address);
    case AF_UNIX:
      return unix_address(listener, address);
    case AF_VSOCK:
      return BindAddress(to_vsock(address));
    default:
      return no_listener("it is of no family that superd serves");
  }
}

}  // namespace superd
