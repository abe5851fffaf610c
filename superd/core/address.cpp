// SPDX-License-Identifier: MIT
// Numeric addresses by inet_pton(3) and inet_ntop(3): no lookup, no locale.
#include "superd/core/address.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "superd/base/number.hpp"
#include "superd/base/overloaded.hpp"

namespace superd {
namespace {

std::optional<IpAddress> parse_v4(const std::string& text) {
  IpAddress address;
  if (inet_pton(AF_INET, text.c_str(), address.bytes.data()) != 1) return std::nullopt;
  return address;
}

std::optional<IpAddress> parse_v6(const std::string& text) {
  IpAddress address;
  address.v6 = true;
  if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) != 1) return std::nullopt;
  return address;
}

std::string host_text(const IpAddress& address) {
  return address.v6 ? "[" + to_text(address) + "]" : to_text(address);
}

std::string family_text(const InetAddress& address) {
  const std::string transport(name_of(address.transport));
  if (address.family == IpFamily::dual) return transport;
  return transport + (address.family == IpFamily::v4 ? "4" : "6");
}

// TCP is what an address without a family means.
std::string inet_text(const InetAddress& address) {
  const bool is_tcp = address.transport == Transport::tcp;
  const std::string port = ":" + std::to_string(address.port);
  if (address.host) {
    const std::string end = host_text(*address.host) + port;
    return is_tcp ? end : std::string(name_of(address.transport)) + ":" + end;
  }
  const bool is_every_tcp = is_tcp && address.family == IpFamily::dual;
  return (is_every_tcp ? "*" : family_text(address)) + port;
}

std::string vsock_text(const VsockAddress& address) {
  const std::string cid = address.cid ? std::to_string(*address.cid) + ":" : "";
  return "vsock:" + cid + std::to_string(address.port);
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  // inet_pton wants a terminated string; a NUL inside would end it early.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::size_t percent = text.find('%');
  if (percent == std::string_view::npos) {
    if (auto v4 = parse_v4(std::string(text))) return v4;
    return parse_v6(std::string(text));
  }
  auto address = parse_v6(std::string(text.substr(0, percent)));
  const auto scope = parse_number(text.substr(percent + 1), 1, UINT32_MAX);
  if (!address || !scope) return std::nullopt;
  address->scope = static_cast<std::uint32_t>(*scope);
  return address;
}

IpAddress ipv4(std::uint32_t host_order) {
  IpAddress address;
  for (std::size_t i = 0; i < 4; ++i) {
    address.bytes[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  }
  return address;
}

IpAddress unmapped(const IpAddress& address) {
  constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (!address.v6 || !std::equal(mapped.begin(), mapped.end(), address.bytes.begin())) {
    return address;
  }
  IpAddress carried;
  std::copy_n(address.bytes.begin() + mapped.size(), 4, carried.bytes.begin());
  return carried;
}

std::string to_text(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text, sizeof text);
  if (address.scope == 0) return text;
  return std::string(text) + "%" + std::to_string(address.scope);
}

std::string to_text(const Endpoint& endpoint) {
  return host_text(endpoint.address) + ":" + std::to_string(endpoint.port);
}

std::string to_text(const BindAddress& address) {
  return std::visit(Overloaded{
                        [](const InetAddress& inet) { return inet_text(inet); },
                        [](const UnixAddress& local) {
                          return std::string(name_of(local.kind)) + (local.abstract ? ":@" : ":") +
                                 local.path;
                        },
                        [](const VsockAddress& vsock) { return vsock_text(vsock); },
                    },
                    address);
}

std::string_view name_of(Transport transport) {
  constexpr std::string_view names[] = {"tcp", "udp", "mptcp", "sctp"};
  return names[static_cast<std::size_t>(transport)];
}

std::string_view name_of(UnixKind kind) {
  constexpr std::string_view names[] = {"unix", "unix-dgram", "unix-seqpacket"};
  return names[static_cast<std::size_t>(kind)];
}

bool is_datagram(const BindAddress& address) {
  if (const auto* inet = std::get_if<InetAddress>(&address))
    return inet->transport == Transport::udp;
  const auto* local = std::get_if<UnixAddress>(&address);
  return local != nullptr && local->kind == UnixKind::datagram;
}

}  // namespace superd
