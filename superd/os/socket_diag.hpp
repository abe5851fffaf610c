// SPDX-License-Identifier: MIT
// What the kernel tells of sockets that aren't ours (sock_diag(7)): at once, however many
// connections there are, which /proc/net/tcp would list one by one.
#pragma once

#include <cstdint>
#include <set>

#include "superd/base/result.hpp"
#include "superd/core/address.hpp"

namespace superd {

/// The inodes of the sockets that listen at a port, IPv4 and IPv6; for UDP, of those bound to it.
/// MPTCP's are among those of TCP. Errors: the kernel has no sock_diag, or doesn't answer in time.
Result<std::set<std::uint64_t>> listening_sockets(Transport transport, std::uint16_t port);

/// The connections of a listening socket, whoever accepted them.
struct Connections {
  std::size_t accepted = 0;
  std::size_t waiting = 0;               // to be accepted
  std::set<std::string> who_waits = {};  // where the kernel tells: TCP and its kin
};

/// Those at a socket that is bound to `address`. Errors as above; and of MPTCP, SCTP and vsock they
/// can't be seen.
Result<Connections> connections_at(const BindAddress& address);

}  // namespace superd
