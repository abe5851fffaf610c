// SPDX-License-Identifier: MIT
// Where connections are forwarded to: an address, a host whose addresses are looked up for each
// connection, or a UNIX socket.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "superd/base/number.hpp"
#include "superd/core/address.hpp"

namespace superd {

/// A host by its name, in lower case (core/host_name).
struct NamedHost {
  std::string name;
  std::uint16_t port = 0;

  bool operator==(const NamedHost&) const = default;
};

using Upstream = std::variant<Endpoint, NamedHost, UnixAddress>;

/// More in a list would make a client wait for longer than it does.
inline constexpr std::size_t most_upstreams = 16;

/// "127.0.0.1:80", "[::1]:80", "www.example.org:80", "unix:/run/x.sock", "unix:@x".
std::string to_text(const Upstream& upstream);

/// Which header tells the upstream who the client is.
enum class ProxyProtocol : std::uint8_t { none, v1, v2 };

/// How a connection is forwarded.
struct ForwardRules {
  std::vector<Upstream> to;                  // tried in this order
  Milliseconds connect_timeout{5000};        // for each of them
  std::optional<Milliseconds> idle_timeout;  // without a byte either way; absent: no limit
  ProxyProtocol proxy_protocol = ProxyProtocol::none;

  bool operator==(const ForwardRules&) const = default;
};

}  // namespace superd
