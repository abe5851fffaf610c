// SPDX-License-Identifier: MIT
// Sockets of the kinds that are not TCP, and their options: datagrams, records, MPTCP, SCTP.
#include "superd/os/socket_options.hpp"

#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "superd/os/socket.hpp"
#include "superd/os/socket_address.hpp"
#include "tests/patience.hpp"
#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

Listen at(BindAddress address, SocketOptions options = {}) {
  return {std::move(address), std::move(options), {}};
}

InetAddress loopback(Transport transport) {
  return {transport, IpFamily::v4, parse_ip("127.0.0.1"), 0};
}

UniqueFd opened(const Listen& listen) {
  auto socket = open_listener(listen);
  if (!socket) throw std::runtime_error(socket.error().text);
  return std::move(*socket);
}

int error_of(const Listen& listen) {
  const auto socket = open_listener(listen);
  return socket ? 0 : socket.error().number;
}

int option_of(int socket, int level, int option) {
  int value = -1;
  socklen_t length = sizeof value;
  getsockopt(socket, level, option, &value, &length);
  return value;
}

bool has_joined(int socket, const IpAddress& group, unsigned interface) {
  group_req request{};
  request.gr_interface = interface;
  const auto family = group.v6 ? IpFamily::v6 : IpFamily::v4;
  const KernelAddress kernel = to_kernel(InetAddress{Transport::udp, family, group, 0});
  std::memcpy(&request.gr_group, kernel.get(), kernel.length);
  const int level = group.v6 ? SOL_IPV6 : SOL_IP;
  return setsockopt(socket, level, MCAST_JOIN_GROUP, &request, sizeof request) != 0 &&
         errno == EADDRINUSE;
}

}  // namespace

TEST_CASE("a UDP socket takes datagrams, and nobody else the port") {
  const UniqueFd socket = opened(at(loopback(Transport::udp)));
  CHECK(option_of(socket.get(), SOL_SOCKET, SO_REUSEADDR) == 0);
  const BindAddress bound = bound_address(socket.get(), loopback(Transport::udp)).value();
  CHECK(error_of(at(bound)) == EADDRINUSE);
  InetAddress tcp = std::get<InetAddress>(bound);
  tcp.transport = Transport::tcp;
  CHECK(error_of(at(tcp)) == 0);

  const UniqueFd client(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const KernelAddress to = to_kernel(bound);
  REQUIRE(sendto(client.get(), "hi", 2, 0, to.get(), to.length) == 2);
  REQUIRE(becomes_readable(socket.get()));
  char got[8];
  CHECK(recv(socket.get(), got, sizeof got, 0) == 2);
}

TEST_CASE("options of UDP are the kernel's") {
  SocketOptions options;
  options.tos = 16;
  options.receive_buffer = 8192;
  options.reuse_port = options.freebind = true;
  const UniqueFd socket = opened(at(loopback(Transport::udp), options));
  CHECK(option_of(socket.get(), SOL_IP, IP_TOS) == 16);
  CHECK(option_of(socket.get(), SOL_IP, IP_FREEBIND) == 1);
  CHECK(option_of(socket.get(), SOL_SOCKET, SO_RCVBUF) == 2 * 8192);
  CHECK(option_of(socket.get(), SOL_SOCKET, SO_REUSEPORT) == 1);
}

TEST_CASE("groups are joined, left and joined again while the socket serves") {
  const unsigned lo = if_nametoindex("lo");
  const IpAddress first = *parse_ip("239.1.2.3"), second = *parse_ip("239.1.2.4");
  SocketOptions one, other;
  one.multicast = {{first, "lo"}};
  other.multicast = {{second, "lo"}};
  const InetAddress any{Transport::udp, IpFamily::v4, std::nullopt, 0};
  const UniqueFd socket = opened(at(any, one));
  CHECK(has_joined(socket.get(), first, lo));
  CHECK(change_options(socket.get(), at(any, one), at(any, other)).has_value());
  CHECK(has_joined(socket.get(), second, lo));
  CHECK(!has_joined(socket.get(), first, lo));
  // Now it is a member of both, which is no fault.
  CHECK(change_options(socket.get(), at(any, other), at(any, one)).has_value());
}

TEST_CASE("one socket is in groups of both families") {
  const InetAddress dual{Transport::udp, IpFamily::dual, std::nullopt, 0};
  if (!open_listener(at(dual))) return skipped("this host has no IPv6");
  SocketOptions options;
  options.multicast = {{*parse_ip("239.1.2.3"), "lo"}, {*parse_ip("ff02::1:3"), "lo"}};
  const UniqueFd socket = opened(at(dual, options));
  for (const MulticastGroup& group : options.multicast)
    CHECK(has_joined(socket.get(), group.address, if_nametoindex("lo")));
}

TEST_CASE("a group on an interface that isn't there is said so") {
  SocketOptions options;
  options.multicast = {{*parse_ip("239.1.2.3"), "no-such-if"}};
  CHECK(error_of(at(loopback(Transport::udp), options)) == ENODEV);
}

TEST_CASE("UNIX sockets of every kind: mode, nobody robbed, a dead one's path taken over") {
  const Scratch scratch;
  const auto kind = GENERATE(UnixKind::stream, UnixKind::datagram, UnixKind::seqpacket);
  const std::string path = scratch / "x.sock";
  const UnixAddress address{path, false, kind};
  CAPTURE(to_text(BindAddress(address)));
  SocketOptions options;
  options.mode = 0620;
  {
    const UniqueFd living = opened(at(address, options));
    struct stat status {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0620);
    for (const auto other : {UnixKind::stream, UnixKind::datagram, UnixKind::seqpacket})
      CHECK(error_of(at(UnixAddress{path, false, other})) == EADDRINUSE);
  }
  REQUIRE(std::filesystem::is_socket(path));
  const auto next = GENERATE(UnixKind::stream, UnixKind::datagram, UnixKind::seqpacket);
  CHECK(error_of(at(UnixAddress{path, false, next})) == 0);
}

TEST_CASE("a path's directory is made where that is asked for, and not otherwise") {
  const Scratch scratch;
  const UnixAddress address{scratch / "a/b/x.sock", false, UnixKind::datagram};
  CHECK(error_of(at(address)) == ENOENT);
  SocketOptions options;
  options.make_directory = 0750;
  const UniqueFd socket = opened(at(address, options));
  for (const char* made : {"a", "a/b"}) {
    struct stat status {};
    REQUIRE(stat((scratch / made).c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0750);
  }
  scratch.file("file");
  CHECK(error_of(at(UnixAddress{scratch / "file/x.sock"}, options)) == ENOTDIR);
}

TEST_CASE("who connects with records or over MPTCP is accepted") {
  const Scratch scratch;
  const BindAddress address = GENERATE_REF(values<BindAddress>({
      loopback(Transport::mptcp),
      loopback(Transport::sctp),
      UnixAddress{scratch / "x.sock", false, UnixKind::seqpacket},
  }));
  CAPTURE(to_text(address));
  const auto listener = open_listener(at(address));
  if (!listener) return skipped(to_text(address) + ": " + listener.error().text);
  const BindAddress bound = bound_address(listener->get(), address).value();
  const UniqueFd client(
      socket(family_of(bound), type_of(bound) | SOCK_CLOEXEC, protocol_of(bound)));
  const KernelAddress to = to_kernel(bound);
  REQUIRE(connect(client.get(), to.get(), to.length) == 0);
  REQUIRE(becomes_readable(listener->get()));
  const auto accepted = accept_connection(listener->get(), bound);
  REQUIRE(accepted.has_value());
  CHECK(blocks(accepted->socket.get()));
  if (const auto* inet = std::get_if<InetPeer>(&accepted->peer)) {
    CHECK(inet->transport == std::get<InetAddress>(bound).transport);
    CHECK(inet->local.port == std::get<InetAddress>(bound).port);
  } else {
    CHECK(std::get<UnixPeer>(accepted->peer).uid == geteuid());
    CHECK(std::get<UnixPeer>(accepted->peer).local == std::get<UnixAddress>(bound));
  }
}

TEST_CASE("what this kernel lacks is an error with its number") {
  const auto listener = open_listener(at(loopback(Transport::sctp)));
  if (listener) return skipped("this kernel has SCTP");
  const int number = listener.error().number;
  CHECK((number == EPROTONOSUPPORT || number == ESOCKTNOSUPPORT));
  CHECK(listener.error().text.starts_with("socket: "));
}
