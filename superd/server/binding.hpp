// SPDX-License-Identifier: MIT
// Binds what a table asks for, or says why it can't be, with the remedy.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "superd/config/diagnostic.hpp"
#include "superd/core/service.hpp"
#include "superd/server/listener.hpp"

namespace superd {

/// A listening socket handed down to superd: by a service manager, or by the superd it replaces.
struct Inherited {
  UniqueFd socket;
  BindAddress address;  // as the kernel says
  std::string name;     // its service's, as far as known
};

/// What couldn't be bound, and why.
struct Unbound {
  std::string service;
  Listen listen;
  Error error;
};

/// Whether `listen` is worth waiting for: the address, the interface or the port may yet come.
bool may_be_bound_later(const Service& service, const Listen& listen, const Error& error);

/// Place, fault and remedy; who holds a busy port, too. Looks through /proc for that, which takes a
/// while: not on the loop.
Diagnostics to_diagnostics(const std::vector<Unbound>& unbound);

/// Binds `listen`. One of `leaving`, sockets of ours that are closed when this one serves, may have
/// the port until then.
std::variant<OpenSocket, Unbound> bind_socket(const Service& service, const Listen& listen,
                                              std::span<const int> leaving);

/// Takes the socket that `listen` asks for out of `inherited`, with the options it asks for. Port 0
/// is the socket with the service's name.
std::optional<OpenSocket> claim(std::vector<Inherited>& inherited, const Service& service,
                                const Listen& listen);

}  // namespace superd
