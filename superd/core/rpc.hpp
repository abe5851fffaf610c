// SPDX-License-Identifier: MIT
// ONC RPC (RFC 5531) as far as superd knows it: which program a service is, and what rpcbind is
// told of its sockets (RFC 1833). Pure words; who talks to rpcbind is superd-rpc.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "superd/core/address.hpp"

namespace superd {

/// The program that a service is.
struct RpcProgram {
  std::uint32_t number = 0;
  std::vector<std::uint32_t> versions;  // from the lowest up, each once

  bool operator==(const RpcProgram&) const = default;
};

/// rpcbind's own number: it registers itself.
inline constexpr std::uint32_t rpcbind_program = 100000;
/// Of one service.
inline constexpr std::size_t most_rpc_versions = 32;

/// What rpcbind holds one address for.
struct RpcKey {
  std::uint32_t program = 0;
  std::uint32_t version = 0;
  std::string netid;  // "tcp", "tcp6", "udp", "udp6": netconfig(5)

  auto operator<=>(const RpcKey&) const = default;
};

struct RpcRegistration {
  RpcKey key;
  std::string address;  // a universal one: "0.0.0.0.4.1" is port 1025 of every address

  auto operator<=>(const RpcRegistration&) const = default;
};

/// The transports that rpcbind knows a socket by: two for IPv6 and IPv4 on one. None: it knows no
/// such sockets.
std::vector<std::string_view> rpc_netids(const BindAddress& address);

/// All that rpcbind is told of a socket. `bound`: with the port that it has.
std::vector<RpcRegistration> registrations_of(const RpcProgram& program, const BindAddress& bound);

/// "127.0.0.1.4.1", "::1.4.1"; without a scope, which rpcbind doesn't know.
std::string universal_address(const Endpoint& endpoint);
std::optional<Endpoint> parse_universal_address(std::string_view text);

std::string to_text(const RpcKey& key);  // "536870913 version 1, tcp6"

}  // namespace superd
