// SPDX-License-Identifier: MIT
// Addresses as values: of hosts, of connections' ends, and of what a listener binds. Nothing is
// looked up here.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace superd {

/// An IPv4 or IPv6 address. IPv4 uses the first four bytes; the others are zero.
struct IpAddress {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};
  std::uint32_t scope = 0;  // IPv6 link-local scope id, an interface index

  auto operator<=>(const IpAddress&) const = default;
};

/// Reads a numeric address, without brackets: "192.0.2.1", "2001:db8::1", "fe80::1%2" (a numeric
/// scope).
std::optional<IpAddress> parse_ip(std::string_view text);
IpAddress ipv4(std::uint32_t host_order);

/// An IPv4-mapped IPv6 address (::ffff:192.0.2.1) becomes the IPv4 address it carries; others stay.
IpAddress unmapped(const IpAddress& address);

/// One end of a connection, or of an exchange of datagrams.
struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  auto operator<=>(const Endpoint&) const = default;
};

enum class IpFamily : std::uint8_t { dual, v4, v6 };  // dual: IPv6 and IPv4 on one socket

enum class Transport : std::uint8_t { tcp, udp, mptcp, sctp };

/// What a listener binds in the internet; no host is every address of the family. Port 0: the
/// kernel picks.
struct InetAddress {
  Transport transport = Transport::tcp;
  IpFamily family = IpFamily::dual;
  std::optional<IpAddress> host = std::nullopt;
  std::uint16_t port = 0;

  auto operator<=>(const InetAddress&) const = default;
};

enum class UnixKind : std::uint8_t { stream, datagram, seqpacket };

/// A UNIX socket: a path, or an abstract name (without the '@' that it is written with).
struct UnixAddress {
  std::string path;
  bool abstract = false;
  UnixKind kind = UnixKind::stream;

  auto operator<=>(const UnixAddress&) const = default;
};

/// A socket between a virtual machine and its host, vsock(7). No cid: whichever this machine has.
/// Port 0: the kernel picks.
struct VsockAddress {
  std::optional<std::uint32_t> cid = std::nullopt;
  std::uint32_t port = 0;

  auto operator<=>(const VsockAddress&) const = default;
};

using BindAddress = std::variant<InetAddress, UnixAddress, VsockAddress>;

/// Whether what comes are datagrams, with no connection to accept: UDP, unix-dgram.
bool is_datagram(const BindAddress& address);

/// The longest UNIX path in bytes (sun_path less its NUL), unix(7).
inline constexpr std::size_t longest_unix_path = 107;

std::string to_text(const IpAddress& address);  // "192.0.2.1", "2001:db8::1", "fe80::1%2"
std::string to_text(const Endpoint& endpoint);  // "192.0.2.1:79", "[::1]:79"
/// As the table writes it: "*:79", "tcp4:79", "[::1]:79", "udp:69", "sctp6:9",
/// "mptcp:127.0.0.1:79", "unix:/run/x.sock", "unix-dgram:@x", "vsock:1024", "vsock:2:1024".
std::string to_text(const BindAddress& address);
std::string_view name_of(Transport transport);  // "tcp", "udp", "mptcp", "sctp"
std::string_view name_of(UnixKind kind);        // "unix", "unix-dgram", "unix-seqpacket"

}  // namespace superd
