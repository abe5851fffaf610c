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

std::string any_host_text(IpFamily family) {
  if (family == IpFamily::dual) return "*";
  return family == IpFamily::v4 ? "tcp4" : "tcp6";
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
                        [](const TcpAddress& tcp) {
                          const std::string host =
                              tcp.host ? host_text(*tcp.host) : any_host_text(tcp.family);
                          return host + ":" + std::to_string(tcp.port);
                        },
                        [](const UnixAddress& local) {
                          return (local.abstract ? "unix:@" : "unix:") + local.path;
                        },
                    },
                    address);
}

}  // namespace superd
