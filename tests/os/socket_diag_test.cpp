// SPDX-License-Identifier: MIT
// Connections at a listening socket, counted from outside: some accepted, some waiting.
#include "superd/os/socket_diag.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "superd/os/socket.hpp"
#include "superd/os/socket_address.hpp"
#include "tests/patience.hpp"
#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

UniqueFd connected_to(const BindAddress& address) {
  const auto* local = std::get_if<UnixAddress>(&address);
  const bool records = local && local->kind == UnixKind::seqpacket;
  UniqueFd client(
      socket(family_of(address), (records ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_CLOEXEC, 0));
  const KernelAddress kernel = to_kernel(address);
  if (connect(client.get(), kernel.get(), kernel.length) != 0)
    throw std::runtime_error(errno_text(errno));
  return client;
}

std::string own_end(int socket) {
  KernelAddress address;
  getsockname(socket, address.get(), &address.length);
  return to_text(to_endpoint(address));
}

// The kernel hands a new connection to the listener a moment after connect(2) returns.
bool comes_to(const BindAddress& address, std::size_t accepted, std::size_t waiting) {
  return comes_true([&] {
    const auto now = connections_at(address);
    return now && now->accepted == accepted && now->waiting == waiting;
  });
}

void check_counts(const BindAddress& asked, bool tells_who) {
  auto listener = open_listener({asked, {}, {}});
  if (!listener) return skipped(to_text(asked) + " is not here");
  const BindAddress bound = bound_address(listener->get(), asked).value();
  if (!connections_at(bound)) return skipped("no sock_diag(7) here");
  CHECK(comes_to(bound, 0, 0));

  UniqueFd first = connected_to(bound);
  CHECK(comes_to(bound, 0, 1));
  REQUIRE(becomes_readable(listener->get()));
  auto accepted = accept_connection(listener->get(), bound);
  REQUIRE(accepted);
  CHECK(comes_to(bound, 1, 0));
  const UniqueFd second = connected_to(bound);
  CHECK(comes_to(bound, 1, 1));
  const auto now = connections_at(bound).value();
  if (tells_who) {
    CHECK(now.who_waits == std::set{own_end(second.get())});
  } else {
    CHECK(now.who_waits.empty());
  }
  accepted->socket.reset();
  first.reset();
  CHECK(comes_to(bound, 0, 1));
}

InetAddress tcp(const char* host) { return {Transport::tcp, IpFamily::dual, parse_ip(host), 0}; }

}  // namespace

TEST_CASE("connections of a TCP listener, and who of them waits") {
  check_counts(tcp(GENERATE("127.0.0.1", "::1")), true);
}

TEST_CASE("connections of a listener that takes them at every address") {
  check_counts(InetAddress{Transport::tcp, IpFamily::v4, std::nullopt, 0}, true);
}

TEST_CASE("connections of a UNIX listener") {
  const Scratch scratch;
  check_counts(UnixAddress{scratch / "a socket", false, UnixKind::stream}, false);
  check_counts(UnixAddress{scratch / "records", false, UnixKind::seqpacket}, false);
  check_counts(UnixAddress{"superd-diag-" + std::to_string(getpid()), true, UnixKind::stream},
               false);
}

TEST_CASE("a connection at another address of the same port is not counted") {
  auto one = open_listener({tcp("127.0.0.1"), {}, {}});
  REQUIRE(one);
  const auto bound = std::get<InetAddress>(bound_address(one->get(), tcp("127.0.0.1")).value());
  if (!connections_at(BindAddress(bound))) return skipped("no sock_diag(7) here");
  InetAddress elsewhere = bound;
  elsewhere.host = parse_ip("127.0.0.2");
  auto other = open_listener({elsewhere, {}, {}});
  if (!other) return skipped("127.0.0.2 has that port in use");
  const UniqueFd client = connected_to(BindAddress(elsewhere));
  CHECK(comes_to(BindAddress(elsewhere), 0, 1));
  CHECK(comes_to(BindAddress(bound), 0, 0));
}

TEST_CASE("of vsock nothing is known") {
  const auto asked = connections_at(BindAddress(VsockAddress{}));
  REQUIRE(!asked);
  CHECK(asked.error().number == EOPNOTSUPP);
}
