// SPDX-License-Identifier: MIT
// Prefixes cut to their length, and how they are written.
#include "superd/core/network.hpp"

#include <algorithm>

#include "superd/base/number.hpp"

namespace superd {
namespace {

constexpr unsigned mapped_bits = 96;  // of an IPv6 address, before the IPv4 address in it

void cut(IpAddress& address, unsigned length) {
  for (unsigned i = 0; i < address.bytes.size(); ++i) {
    const unsigned kept = length <= i * 8 ? 0 : std::min(8U, length - i * 8);
    address.bytes[i] &= static_cast<std::uint8_t>(0xFF00U >> kept);
  }
}

}  // namespace

Result<WrittenNetwork> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_ip(text.substr(0, slash));
  if (!address) return Error{"give an address or a network, such as 192.0.2.0/24 or 2001:db8::/32"};
  const unsigned longest = longest_prefix(*address);
  unsigned length = longest;
  if (slash != text.npos) {
    const auto number = parse_number(text.substr(slash + 1), 0, longest);
    if (!number) {
      return Error{"give a prefix length from 0 to " + std::to_string(longest) + " after the '/'"};
    }
    length = static_cast<unsigned>(*number);
  }
  WrittenNetwork written;
  written.network.address = unmapped(*address);
  if (written.network.address.v6 != address->v6) {
    if (length < mapped_bits) {
      return Error{"it is partly IPv4; give at least /96, or the IPv4 network"};
    }
    length -= mapped_bits;
  }
  const IpAddress whole = written.network.address;
  written.network.length = static_cast<std::uint8_t>(length);
  cut(written.network.address, length);
  written.has_host_bits = whole != written.network.address;
  return written;
}

Network network_of(const IpAddress& address, unsigned length) {
  Network network;
  network.address = unmapped(address);
  network.length = static_cast<std::uint8_t>(std::min(length, longest_prefix(network.address)));
  cut(network.address, network.length);
  return network;
}

bool contains(const Network& network, const IpAddress& address) {
  const IpAddress one = unmapped(address);
  if (one.v6 != network.address.v6) return false;
  if (network.address.scope != 0 && network.address.scope != one.scope) return false;
  return network_of(one, network.length).address.bytes == network.address.bytes;
}

std::string to_text(const Network& network) {
  const std::string text = to_text(network.address);
  if (network.length == longest_prefix(network.address)) return text;
  return text + "/" + std::to_string(network.length);
}

}  // namespace superd
