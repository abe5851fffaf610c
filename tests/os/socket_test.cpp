// SPDX-License-Identifier: MIT
// Listeners and connections, on loopback and on UNIX sockets only.
#include "superd/os/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "superd/os/descriptors.hpp"
#include "superd/os/socket_address.hpp"
#include "tests/patience.hpp"
#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

Listen on(const char* host, SocketOptions options = {}) {
  return {InetAddress{Transport::tcp, IpFamily::dual, parse_ip(host), 0}, std::move(options), {}};
}

Listen on_any(IpFamily family) {
  return {InetAddress{Transport::tcp, family, std::nullopt, 0}, {}, {}};
}

struct Knocked {
  UniqueFd listener;
  BindAddress bound;
};

Knocked listening(const Listen& listen) {
  auto listener = open_listener(listen);
  if (!listener) throw std::runtime_error(listener.error().text);
  const BindAddress bound = bound_address(listener->get(), listen.address).value();
  return {std::move(*listener), bound};
}

UniqueFd connected_to(const BindAddress& address) {
  UniqueFd client(socket(family_of(address), SOCK_STREAM | SOCK_CLOEXEC, 0));
  const KernelAddress kernel = to_kernel(address);
  if (connect(client.get(), kernel.get(), kernel.length) != 0) client.reset();
  return client;
}

UniqueFd connected_to(const char* host, const BindAddress& bound) {
  return connected_to(InetAddress{Transport::tcp, IpFamily::dual, parse_ip(host),
                                  std::get<InetAddress>(bound).port});
}

Endpoint own_end(int socket) {
  KernelAddress address;
  getsockname(socket, address.get(), &address.length);
  return to_endpoint(address);
}

Accepted accepted_from(const Knocked& knocked) {
  if (!becomes_readable(knocked.listener.get())) throw std::runtime_error("nobody knocked");
  auto accepted = accept_connection(knocked.listener.get(), knocked.bound);
  if (!accepted) throw std::runtime_error(errno_text(accepted.error().number));
  return std::move(*accepted);
}

int option_of(int socket, int level, int option) {
  int value = -1;
  socklen_t length = sizeof value;
  getsockopt(socket, level, option, &value, &length);
  return value;
}

}  // namespace

TEST_CASE("a TCP listener takes a port from the kernel and connections from loopback") {
  const char* host = GENERATE("127.0.0.1", "::1");
  CAPTURE(host);
  if (std::string(host) == "::1" && !open_listener(on(host)))
    return skipped("this host has no ::1");
  const Knocked knocked = listening(on(host));
  CHECK(knocked.listener.get() >= first_high_descriptor);
  CHECK(closes_on_exec(knocked.listener.get()));
  CHECK(!blocks(knocked.listener.get()));
  CHECK(std::get<InetAddress>(knocked.bound).host == parse_ip(host));
  CHECK(std::get<InetAddress>(knocked.bound).port != 0);

  const UniqueFd client = connected_to(knocked.bound);
  REQUIRE(client);
  const Accepted accepted = accepted_from(knocked);
  CHECK(closes_on_exec(accepted.socket.get()));
  CHECK(blocks(accepted.socket.get()));
  const auto& peer = std::get<InetPeer>(accepted.peer);
  CHECK(peer.remote == own_end(client.get()));
  CHECK(peer.local == own_end(accepted.socket.get()));
}

TEST_CASE("where nobody waits, accepting says so and nothing else") {
  const Knocked knocked = listening(on("127.0.0.1"));
  const auto accepted = accept_connection(knocked.listener.get(), knocked.bound);
  REQUIRE(!accepted);
  CHECK(accepted.error().number == EAGAIN);
}

TEST_CASE("IPv4 through a dual-stack listener is IPv4 on both ends") {
  auto dual = open_listener(on_any(IpFamily::dual));
  if (!dual) return skipped("this host has no IPv6: " + dual.error().text);
  const BindAddress bound = bound_address(dual->get(), on_any(IpFamily::dual).address).value();
  const Knocked knocked{std::move(*dual), bound};
  {
    const UniqueFd client = connected_to("127.0.0.1", knocked.bound);
    REQUIRE(client);
    const Accepted accepted = accepted_from(knocked);
    const auto& peer = std::get<InetPeer>(accepted.peer);
    CHECK(peer.remote == own_end(client.get()));
    CHECK(to_text(peer.local.address) == "127.0.0.1");
    CHECK(peer.local.port == std::get<InetAddress>(knocked.bound).port);
  }
  if (const UniqueFd client = connected_to("::1", knocked.bound)) {
    const Accepted accepted = accepted_from(knocked);
    const auto& peer = std::get<InetPeer>(accepted.peer);
    CHECK(to_text(peer.remote.address) == "::1");
    CHECK(to_text(peer.local.address) == "::1");
  }
}

TEST_CASE("a family of its own takes only its own") {
  const Knocked v4 = listening(on_any(IpFamily::v4));
  CHECK(connected_to("127.0.0.1", v4.bound));
  CHECK(!connected_to("::1", v4.bound));
  auto v6 = open_listener(on_any(IpFamily::v6));
  if (!v6) return skipped("this host has no IPv6: " + v6.error().text);
  CHECK(option_of(v6->get(), SOL_IPV6, IPV6_V6ONLY) == 1);
  const BindAddress bound = bound_address(v6->get(), on_any(IpFamily::v6).address).value();
  CHECK(!connected_to("127.0.0.1", bound));
}

TEST_CASE("v6only is the table's word where the family is left open") {
  Listen listen = on_any(IpFamily::dual);
  if (!open_listener(listen)) return skipped("this host has no IPv6");
  CHECK(option_of(listening(listen).listener.get(), SOL_IPV6, IPV6_V6ONLY) == 0);
  listen.options.edit([](SocketOptions& options) { options.v6only = true; });
  CHECK(option_of(listening(listen).listener.get(), SOL_IPV6, IPV6_V6ONLY) == 1);
  listen.options.edit([](SocketOptions& options) { options.v6only = false; });
  CHECK(option_of(listening(listen).listener.get(), SOL_IPV6, IPV6_V6ONLY) == 0);
}

TEST_CASE("options reach the socket") {
  struct Row {
    const char* name;
    void (*set)(SocketOptions&);
    int level, option, at_least, at_most;
  };
  const Row row = GENERATE(values<Row>({
      {"none", [](SocketOptions&) {}, SOL_SOCKET, SO_REUSEADDR, 1, 1},
      {"none", [](SocketOptions&) {}, SOL_SOCKET, SO_KEEPALIVE, 0, 0},
      {"none", [](SocketOptions&) {}, SOL_TCP, TCP_NODELAY, 0, 0},
      {"none", [](SocketOptions&) {}, SOL_SOCKET, SO_REUSEPORT, 0, 0},
      {"reuse_port", [](SocketOptions& o) { o.reuse_port = true; }, SOL_SOCKET, SO_REUSEPORT, 1, 1},
      {"nodelay", [](SocketOptions& o) { o.nodelay = true; }, SOL_TCP, TCP_NODELAY, 1, 1},
      {"keepalive", [](SocketOptions& o) { o.keepalive = true; }, SOL_SOCKET, SO_KEEPALIVE, 1, 1},
      {"freebind", [](SocketOptions& o) { o.freebind = true; }, SOL_IP, IP_FREEBIND, 1, 1},
      {"tos", [](SocketOptions& o) { o.tos = 0x10; }, SOL_IP, IP_TOS, 0x10, 0x10},
      // The kernel doubles buffers (socket(7)) and rounds the seconds up to its retransmissions.
      {"receive_buffer", [](SocketOptions& o) { o.receive_buffer = 50'000; }, SOL_SOCKET, SO_RCVBUF,
       50'000, 100'000},
      {"send_buffer", [](SocketOptions& o) { o.send_buffer = 50'000; }, SOL_SOCKET, SO_SNDBUF,
       50'000, 100'000},
      {"defer_accept", [](SocketOptions& o) { o.defer_accept = Milliseconds(2500); }, SOL_TCP,
       TCP_DEFER_ACCEPT, 3, 10},
      {"fast_open", [](SocketOptions& o) { o.fast_open = 16; }, SOL_TCP, TCP_FASTOPEN, 16, 16},
  }));
  CAPTURE(row.name);
  SocketOptions options;
  row.set(options);
  const Knocked knocked = listening(on("127.0.0.1", options));
  const int value = option_of(knocked.listener.get(), row.level, row.option);
  CHECK(value >= row.at_least);
  CHECK(value <= row.at_most);
}

TEST_CASE("on IPv6 the class of traffic is IPv6's") {
  SocketOptions options;
  options.tos = 0x10;
  options.freebind = true;
  const auto listener = open_listener(on("::1", options));
  if (!listener) return skipped("this host has no ::1: " + listener.error().text);
  CHECK(option_of(listener->get(), SOL_IPV6, IPV6_TCLASS) == 0x10);
  CHECK(option_of(listener->get(), SOL_IPV6, IPV6_FREEBIND) == 1);
}

TEST_CASE("options that need a capability are set, or the option is named") {
  struct Row {
    const char* name;
    void (*set)(SocketOptions&);
    int level, option;
  };
  const Row row = GENERATE(values<Row>({
      {"mark", [](SocketOptions& o) { o.mark = 1; }, SOL_SOCKET, SO_MARK},
      {"transparent", [](SocketOptions& o) { o.transparent = true; }, SOL_IP, IP_TRANSPARENT},
  }));
  SocketOptions options;
  row.set(options);
  const auto listener = open_listener(on("127.0.0.1", options));
  if (listener)
    CHECK(option_of(listener->get(), row.level, row.option) == 1);
  else
    CHECK(listener.error().text ==
          "option '" + std::string(row.name) + "': " + errno_text(listener.error().number));
}

TEST_CASE("a device is bound to, or named in the error") {
  SocketOptions options;
  options.device = "lo";
  const auto listener = open_listener(on("127.0.0.1", options));
  if (listener) {
    char name[16]{};
    socklen_t length = sizeof name;
    getsockopt(listener->get(), SOL_SOCKET, SO_BINDTODEVICE, name, &length);
    CHECK(std::string(name) == "lo");
  } else {
    CHECK(listener.error().number == EPERM);
  }
  options.device = "no-such-device";
  const auto nowhere = open_listener(on("127.0.0.1", options));
  REQUIRE(!nowhere);
  CHECK(nowhere.error().text.starts_with("option 'device': "));
}

TEST_CASE("connections inherit what the listener was given") {
  SocketOptions options;
  options.nodelay = true;
  options.keepalive = true;
  const Knocked knocked = listening(on("127.0.0.1", options));
  const UniqueFd client = connected_to(knocked.bound);
  const Accepted accepted = accepted_from(knocked);
  CHECK(option_of(accepted.socket.get(), SOL_TCP, TCP_NODELAY) == 1);
  CHECK(option_of(accepted.socket.get(), SOL_SOCKET, SO_KEEPALIVE) == 1);
}

TEST_CASE("freebind takes an address that this host hasn't") {
  SocketOptions options;
  const auto refused = open_listener(on("192.0.2.1", options));
  REQUIRE(!refused);
  CHECK(refused.error().number == EADDRNOTAVAIL);
  CHECK(refused.error().text == "bind: Cannot assign requested address");
  options.freebind = true;
  CHECK(open_listener(on("192.0.2.1", options)));
}

TEST_CASE("a port in use is told, unless both say reuse_port") {
  const Knocked first = listening(on("127.0.0.1"));
  const Listen same{first.bound, {}, {}};
  const auto second = open_listener(same);
  REQUIRE(!second);
  CHECK(second.error().number == EADDRINUSE);

  SocketOptions sharing;
  sharing.reuse_port = true;
  const Knocked shared = listening(on("127.0.0.1", sharing));
  CHECK(open_listener({shared.bound, sharing, {}}));
}

TEST_CASE("a port just left can be taken again") {
  BindAddress bound;
  {
    const Knocked knocked = listening(on("127.0.0.1"));
    bound = knocked.bound;
    const UniqueFd client = connected_to(bound);
    Accepted accepted = accepted_from(knocked);
    accepted.socket.reset();  // closed first here: TIME_WAIT stays on this side
    CHECK(read_to_end(client.get()).empty());
  }
  CHECK(open_listener({bound, {}, {}}));
}

TEST_CASE("a UNIX client's credentials are the kernel's") {
  const Scratch scratch;
  const UnixAddress address = GENERATE_REF(values<UnixAddress>(
      {{scratch / "x.sock", false}, {"superd-test-" + std::to_string(getpid()), true}}));
  const Knocked knocked = listening({address, {}, {}});
  CHECK(std::get<UnixAddress>(knocked.bound) == address);
  const UniqueFd client = connected_to(address);
  REQUIRE(client);
  const Accepted accepted = accepted_from(knocked);
  const auto& peer = std::get<UnixPeer>(accepted.peer);
  CHECK(peer.uid == geteuid());
  CHECK(peer.gid == getegid());
  CHECK(peer.pid == getpid());
  CHECK(peer.local == address);
}

TEST_CASE("the end of sending leaves the other way open") {
  const Knocked knocked = listening(on("127.0.0.1"));
  const UniqueFd client = connected_to(knocked.bound);
  const Accepted accepted = accepted_from(knocked);
  shut_sending(accepted.socket.get());
  CHECK(read_to_end(client.get()).empty());
  CHECK(send_text(client.get(), "still\n"));
  CHECK(read_until(accepted.socket.get(), "\n") == "still\n");
}

TEST_CASE("what has arrived is thrown away, and the peer's close is told") {
  const Knocked knocked = listening(on("127.0.0.1"));
  UniqueFd client = connected_to(knocked.bound);
  const Accepted accepted = accepted_from(knocked);
  const int server = accepted.socket.get();
  CHECK(discard_arrived(server));  // nothing there

  REQUIRE(send_text(client.get(), std::string(10'000, 'x')));
  REQUIRE(becomes_readable(server));
  CHECK(comes_true([&] {
    char byte;
    return discard_arrived(server) && recv(server, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
  }));

  REQUIRE(send_text(client.get(), "last words"));
  shutdown(client.get(), SHUT_WR);
  CHECK(comes_true([&] { return !discard_arrived(server); }));
}
