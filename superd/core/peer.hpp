// SPDX-License-Identifier: MIT
// Who is at the other end of a connection, as the kernel says; never as the client says.
#pragma once

#include <sys/types.h>

#include <string>
#include <variant>

#include "superd/base/result.hpp"
#include "superd/core/address.hpp"

namespace superd {

/// A TCP client; IPv4 through a dual-stack socket counts as IPv4 on both ends.
struct TcpPeer {
  Endpoint remote;
  Endpoint local;
};

/// A client of a UNIX socket, with the credentials it had at connect(2) (SO_PEERCRED).
struct UnixPeer {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;
  UnixAddress local;
};

using Peer = std::variant<TcpPeer, UnixPeer>;

/// Where the peer is; zero for one on this machine's UNIX sockets.
IpAddress remote_address(const Peer& peer);

/// Somebody who might come: "192.0.2.1", "2001:db8::1", or "uid:1000" at a UNIX socket. The error
/// is a sentence.
Result<Peer> parse_visitor(const std::string& text);

/// "192.0.2.1:50212", "[::1]:50212", "uid:1000,pid:4711".
std::string to_text(const Peer& peer);

}  // namespace superd
