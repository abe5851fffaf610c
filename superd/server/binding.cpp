// SPDX-License-Identifier: MIT
// Binding, and what to do where it fails.
#include "superd/server/binding.hpp"

#include <cerrno>

#include "superd/config/source.hpp"
#include "superd/os/port_owner.hpp"
#include "superd/os/socket.hpp"

namespace superd {
namespace {

std::string in_use(const BindAddress& address) {
  const auto* tcp = std::get_if<TcpAddress>(&address);
  if (!tcp) return "another server listens there; stop it or choose another path";
  const auto owner = tcp_port_owner(tcp->port);
  return "port " + std::to_string(tcp->port) + " is in use" +
         (owner ? " by " + *owner : std::string()) + "; stop it or choose another port";
}

std::string remedy(const Listen& listen, const Error& error) {
  switch (error.number) {
    case EADDRINUSE:
      return in_use(listen.address);
    case EACCES:
      return std::holds_alternative<TcpAddress>(listen.address)
                 ? "ports below 1024 need root (or CAP_NET_BIND_SERVICE); choose a higher one"
                 : "its directory is closed to whoever runs superd";
    case EADDRNOTAVAIL:
      return "this host has no such address; 'ip address' lists those it has";
    case ENOTSOCK:
      return "something that isn't a socket is in the way; move it or choose another path";
    case ENOENT:
      return "its directory does not exist; make it first";
    case EMFILE:
      return "superd may have no more descriptors; raise 'ulimit -n'";
    default:
      return "change the address or its options";
  }
}

// Where the kernel has no IPv6, "every address" is every address of IPv4.
bool is_without_ipv6(Listen& listen, const Error& error) {
  auto* tcp = std::get_if<TcpAddress>(&listen.address);
  if (!tcp || tcp->host || tcp->family != IpFamily::dual || error.number != EAFNOSUPPORT)
    return false;
  tcp->family = IpFamily::v4;
  return true;
}

Diagnostic refused(const Service& service, const Listen& listen, const Error& error) {
  const std::string what =
      "service '" + service.name + "': can't listen on " + to_text(listen.address) + ": ";
  // The kernel's words for something in the way only confuse.
  const std::string why = error.number == ENOTSOCK ? "" : error.text + "; ";
  return {Severity::error, listen.place, what + why + remedy(listen, error), line_at(listen.place)};
}

}  // namespace

Bound bind_all(const ServiceTable& table) {
  Bound bound;
  for (const ServicePtr& service : table.services) {
    if (!service->enabled) continue;
    for (const Listen& listen : service->listen) {
      Listen possible = listen;
      auto socket = open_listener(possible);
      if (!socket && is_without_ipv6(possible, socket.error())) socket = open_listener(possible);
      auto address = socket ? bound_address(socket->get(), possible.address)
                            : Result<BindAddress>(socket.error());
      if (!address) {
        bound.diagnostics.push_back(refused(*service, listen, address.error()));
        continue;
      }
      const auto* local = std::get_if<UnixAddress>(&*address);
      UnixPath path = local && !local->abstract ? UnixPath(local->path) : UnixPath();
      bound.sockets.push_back({service, *address, std::move(*socket), std::move(path)});
    }
  }
  return bound;
}

}  // namespace superd
