// SPDX-License-Identifier: MIT
// A network as a value: the addresses that begin with the same bits. What is IPv4-mapped is IPv4
// here, as it is for every peer. Nothing is looked up.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "superd/base/result.hpp"
#include "superd/core/address.hpp"

namespace superd {

struct Network {
  IpAddress address;        // no bit is set beyond `length`; with a scope: only on that interface
  std::uint8_t length = 0;  // 0 to 32, or to 128

  auto operator<=>(const Network&) const = default;
};

struct WrittenNetwork {
  Network network;
  bool has_host_bits = false;  // bits beyond the length were set; they are not in `network`
};

/// "192.0.2.1", "192.0.2.0/24", "2001:db8::/32", "fe80::1%2", "fe80::%2/64", and
/// "::ffff:10.0.0.0/104", which is 10.0.0.0/8. The error is a remedy.
Result<WrittenNetwork> parse_network(std::string_view text);

/// The network of `length` bits that holds `address`; all of the address where it has fewer.
Network network_of(const IpAddress& address, unsigned length);

/// A network without a scope has the addresses of every interface.
bool contains(const Network& network, const IpAddress& address);

/// How many bits the addresses of its family have.
inline unsigned longest_prefix(const IpAddress& address) { return address.v6 ? 128 : 32; }

/// As it is parsed; without a length where it is one address.
std::string to_text(const Network& network);

}  // namespace superd
