// SPDX-License-Identifier: MIT
// Binding, claiming, and what to do where it fails.
#include "superd/server/binding.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "superd/config/source.hpp"
#include "superd/os/port_owner.hpp"
#include "superd/os/raw_socket.hpp"
#include "superd/os/socket.hpp"
#include "superd/os/socket_options.hpp"

namespace superd {
namespace {

std::string in_use(const BindAddress& address) {
  if (std::holds_alternative<UnixAddress>(address))
    return "another server listens there; stop it or choose another path";
  const auto* inet = std::get_if<InetAddress>(&address);
  if (!inet) return "another server has that port; stop it or choose another port";
  const auto owner = port_owner(inet->transport, inet->port);
  return "port " + std::to_string(inet->port) + " is in use" +
         (owner ? " by " + *owner : std::string()) + "; stop it or choose another port";
}

// The kernel has modules and switches for some families.
std::string without_kernel(const BindAddress& address) {
  if (std::holds_alternative<VsockAddress>(address))
    return "this kernel has no vsock; load the module 'vsock' (and a transport, such as "
           "'vhost_vsock' or 'vsock_loopback')";
  const auto* inet = std::get_if<InetAddress>(&address);
  if (inet && inet->transport == Transport::sctp)
    return "this kernel has no SCTP; load the module 'sctp' ('modprobe sctp')";
  if (inet && inet->transport == Transport::mptcp)
    return "this kernel has no MPTCP, or net.mptcp.enabled is 0; 'sysctl net.mptcp.enabled=1' "
           "switches it on";
  return "this kernel has no such sockets; give another address";
}

std::string remedy(const Listen& listen, const Error& error) {
  switch (error.number) {
    case EADDRINUSE:
      return in_use(listen.address);
    case EACCES:
      return std::holds_alternative<UnixAddress>(listen.address)
                 ? "its directory is closed to whoever runs superd"
                 : "ports below 1024 need root (or CAP_NET_BIND_SERVICE); choose a higher one";
    case EPERM:
      return "start superd as root, or with that capability; or use 'activate', whose program "
             "reads all datagrams itself";
    case EPROTONOSUPPORT:
    case ESOCKTNOSUPPORT:
    case EAFNOSUPPORT:
    case ENOPROTOOPT:
      return without_kernel(listen.address);
    case EADDRNOTAVAIL:
      return "this host has no such address; 'ip address' lists those it has";
    case ENOTSOCK:
      return "something that isn't a socket is in the way; move it or choose another path";
    case ENOENT:
      return "its directory does not exist; make it first, or add make_directory: yes";
    case ENODEV:
      return "this machine has no such interface; 'ip link' lists those it has";
    case EMFILE:
      return "superd may have no more descriptors; raise 'ulimit -n'";
    default:
      return "change the address or its options";
  }
}

// Each peer's first datagram is sent again, to a socket of its own: superd-resend needs a raw
// socket.
std::optional<Error> lacks_raw_socket(const Service& service, const Listen& listen) {
  const bool has_exchanges =
      std::holds_alternative<RunHandler>(service.activation) && is_datagram(listen.address);
  if (!has_exchanges) return std::nullopt;
  const auto opened = open_raw_socket(false);
  if (opened) return std::nullopt;
  return Error{"'run' on datagrams needs CAP_NET_RAW", opened.error().number};
}

// Where the kernel has no IPv6, "every address" is every address of IPv4.
bool is_without_ipv6(Listen& listen, const Error& error) {
  auto* inet = std::get_if<InetAddress>(&listen.address);
  if (!inet || inet->host || inet->family != IpFamily::dual || error.number != EAFNOSUPPORT)
    return false;
  inet->family = IpFamily::v4;
  return true;
}

Diagnostic to_diagnostic(const Unbound& unbound) {
  const auto& [service, listen, error] = unbound;
  const std::string what =
      "service '" + service + "': can't listen on " + to_text(listen.address) + ": ";
  // The kernel's words for something in the way only confuse.
  const std::string why = error.number == ENOTSOCK ? "" : error.text + "; ";
  return {Severity::error, listen.place, what + why + remedy(listen, error), line_at(listen.place)};
}

// A socket of ours holds the port until this one takes over: for that moment they share it. Until
// then this one answers nobody, for it may yet have to go.
Result<UniqueFd> open_beside(const Listen& listen, std::span<const int> leaving) {
  Listen shared = listen;
  shared.options.edit([](SocketOptions& o) { o.reuse_port = true; });
  for (const int socket : leaving) share_port(socket, true);
  auto opened = open_listener(shared, Newcomers::silent);
  for (const int socket : leaving) share_port(socket, false);
  if (opened && !listen.options->reuse_port) share_port(opened->get(), false);
  return opened;
}

Result<UniqueFd> open_possible(Listen& listen, std::span<const int> leaving) {
  auto opened = open_listener(listen);
  if (!opened && is_without_ipv6(listen, opened.error())) opened = open_listener(listen);
  if (!opened && opened.error().number == EADDRINUSE && !leaving.empty() &&
      std::holds_alternative<InetAddress>(listen.address))
    return open_beside(listen, leaving);
  return opened;
}

UnixPath path_of(const BindAddress& address) {
  const auto* local = std::get_if<UnixAddress>(&address);
  return local && !local->abstract ? UnixPath(local->path) : UnixPath();
}

// What a socket takes, however it was written: "[::]:79" with `v6only: no` is "*:79".
struct Reach {
  Transport transport;
  std::optional<IpAddress> host;
  std::uint16_t port;
  bool v4, v6;

  bool operator==(const Reach&) const = default;
};

Reach reach_of(const InetAddress& inet, std::optional<bool> v6only) {
  Reach reach{inet.transport, inet.host, inet.port, inet.family != IpFamily::v6,
              inet.family != IpFamily::v4};
  if (inet.host) reach.v4 = !(reach.v6 = inet.host->v6);
  if (inet.host && inet.host->bytes == IpAddress{}.bytes) {
    reach.host.reset();
    if (reach.v6 && v6only == false) reach.v4 = true;
  }
  if (reach.v6 && v6only == true) reach.v4 = false;
  return reach;
}

bool is_asked_for(const Inherited& have, const Service& service, const Listen& listen) {
  const auto* asked = std::get_if<InetAddress>(&listen.address);
  const auto* bound = std::get_if<InetAddress>(&have.address);
  if (!asked || !bound) return have.address == listen.address;
  Reach wanted = reach_of(*asked, listen.options->v6only);
  const Reach there = reach_of(*bound, std::nullopt);
  if (wanted.port == 0 && have.name == service.name) wanted.port = there.port;
  return wanted == there;
}

// A path that somebody has removed leads nobody to the socket any more.
bool is_reachable(const BindAddress& address) {
  const auto* local = std::get_if<UnixAddress>(&address);
  struct stat found {};
  return !local || local->abstract || lstat(local->path.c_str(), &found) == 0;
}

}  // namespace

bool may_be_bound_later(const Service& service, const Listen& listen, const Error& error) {
  // What an activated program of an earlier superd still holds comes free when it ends.
  const bool hands_over = std::holds_alternative<HandOver>(service.activation);
  if (hands_over && error.number == EADDRINUSE) return true;
  return listen.options->retry &&
         (error.number == EADDRNOTAVAIL || error.number == EADDRINUSE || error.number == ENODEV);
}

Diagnostics to_diagnostics(const std::vector<Unbound>& unbound) {
  Diagnostics diagnostics;
  for (const Unbound& one : unbound) diagnostics.push_back(to_diagnostic(one));
  return diagnostics;
}

std::variant<OpenSocket, Unbound> bind_socket(const Service& service, const Listen& listen,
                                              std::span<const int> leaving) {
  if (auto lacking = lacks_raw_socket(service, listen))
    return Unbound{service.name, listen, std::move(*lacking)};
  Listen possible = listen;
  auto socket = open_possible(possible, leaving);
  if (!socket) return Unbound{service.name, listen, socket.error()};
  auto address = bound_address(socket->get(), possible.address);
  if (!address) return Unbound{service.name, listen, address.error()};
  return OpenSocket{*address, std::move(*socket), path_of(*address)};
}

std::optional<OpenSocket> claim(std::vector<Inherited>& inherited, const Service& service,
                                const Listen& listen) {
  const auto found = std::find_if(inherited.begin(), inherited.end(), [&](const Inherited& have) {
    return is_asked_for(have, service, listen) && is_reachable(have.address);
  });
  if (found == inherited.end()) return std::nullopt;
  change_options(found->socket.get(), Listen{listen.address, {}, {}}, listen);
  auto address = bound_address(found->socket.get(), listen.address);
  OpenSocket open{address ? *address : found->address, std::move(found->socket),
                  path_of(found->address)};
  inherited.erase(found);
  return open;
}

}  // namespace superd
