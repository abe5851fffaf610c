// SPDX-License-Identifier: MIT
// Who is at the other end of a connection, as the kernel says; never as the client says.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <variant>

#include "superd/base/result.hpp"
#include "superd/core/address.hpp"

namespace superd {

/// A client from the internet; IPv4 through a dual-stack socket counts as IPv4 on both ends.
struct InetPeer {
  Transport transport = Transport::tcp;
  Endpoint remote;
  Endpoint local;
};

/// A client of a UNIX socket, with the credentials it had at connect(2) (SO_PEERCRED), or when it
/// sent its datagram (SCM_CREDENTIALS).
struct UnixPeer {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;
  UnixAddress local;
  std::optional<std::string> path = std::nullopt;  // what a sender of datagrams is bound to; '@'
                                                   // begins an abstract name
};

/// A virtual machine, or the host of this one.
struct VsockPeer {
  std::uint32_t cid = 0;
  std::uint32_t port = 0;
  VsockAddress local;
};

/// Whoever waits at a listening socket that is handed over: the program will see who it is.
struct UnseenPeer {
  std::string local;  // "127.0.0.1:79"
};

using Peer = std::variant<InetPeer, UnixPeer, VsockPeer, UnseenPeer>;

/// Where the peer is; zero for one that has no internet address.
IpAddress remote_address(const Peer& peer);

/// Somebody who might come: "192.0.2.1", "2001:db8::1", "uid:1000" at a UNIX socket, or "vsock:3".
/// The error is a sentence.
Result<Peer> parse_visitor(const std::string& text);

/// "192.0.2.1:50212", "[::1]:50212", "uid:1000,pid:4711", "vsock:3:1024",
/// "somebody at 127.0.0.1:79".
std::string to_text(const Peer& peer);
/// The same without port or pid, which change from visit to visit: "192.0.2.1", "vsock:3".
std::string host_text(const Peer& peer);

}  // namespace superd
