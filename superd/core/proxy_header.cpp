// SPDX-License-Identifier: MIT
// Version 1 is a line of text, version 2 binary.
#include "superd/core/proxy_header.hpp"

#include <algorithm>

namespace superd {
namespace {

// Of both ends, as one family: where one of them is IPv6, the other is written as mapped to it.
struct Ends {
  bool v6 = false;
  IpAddress remote, local;
};

IpAddress as_v6(const IpAddress& address) {
  if (address.v6) return address;
  IpAddress mapped;
  mapped.v6 = true;
  mapped.bytes[10] = mapped.bytes[11] = 0xFF;
  std::copy_n(address.bytes.begin(), 4, mapped.bytes.begin() + 12);
  return mapped;
}

Ends ends_of(const InetPeer& peer) {
  Ends ends{false, unmapped(peer.remote.address), unmapped(peer.local.address)};
  ends.v6 = ends.remote.v6 || ends.local.v6;
  if (ends.v6) {
    ends.remote = as_v6(ends.remote);
    ends.local = as_v6(ends.local);
  }
  ends.remote.scope = ends.local.scope = 0;  // of this machine: nobody else knows it
  return ends;
}

std::string version_1(const InetPeer* peer) {
  if (!peer) return "PROXY UNKNOWN\r\n";
  const Ends ends = ends_of(*peer);
  return std::string("PROXY ") + (ends.v6 ? "TCP6 " : "TCP4 ") + to_text(ends.remote) + " " +
         to_text(ends.local) + " " + std::to_string(peer->remote.port) + " " +
         std::to_string(peer->local.port) + "\r\n";
}

void append_number(std::string& bytes, std::size_t number) {
  bytes += static_cast<char>(number >> 8);
  bytes += static_cast<char>(number & 0xFF);
}

void append_address(std::string& bytes, const IpAddress& address) {
  bytes.append(reinterpret_cast<const char*>(address.bytes.data()), address.v6 ? 16 : 4);
}

std::string version_2(const InetPeer* peer) {
  std::string bytes("\r\n\r\n\0\r\nQUIT\n", 12);
  bytes += '\x21';  // version 2, on behalf of somebody
  if (!peer) {
    bytes.append(3, '\0');
    return bytes;
  }
  const Ends ends = ends_of(*peer);
  bytes += ends.v6 ? '\x21' : '\x11';  // TCP
  append_number(bytes, ends.v6 ? 36 : 12);
  append_address(bytes, ends.remote);
  append_address(bytes, ends.local);
  append_number(bytes, peer->remote.port);
  append_number(bytes, peer->local.port);
  return bytes;
}

}  // namespace

std::string proxy_header(ProxyProtocol version, const Peer& peer) {
  const auto* inet = std::get_if<InetPeer>(&peer);
  switch (version) {
    case ProxyProtocol::none:
      return {};
    case ProxyProtocol::v1:
      return version_1(inet);
    case ProxyProtocol::v2:
      return version_2(inet);
  }
  return {};
}

}  // namespace superd
