// SPDX-License-Identifier: MIT
// Datagrams that wait at the wrong socket come to the right one, each as from its sender.
#include "superd/resend/resend.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "superd/os/datagram.hpp"
#include "superd/os/raw_socket.hpp"
#include "superd/os/socket.hpp"
#include "superd/os/socket_address.hpp"
#include "superd/os/socket_options.hpp"
#include "tests/patience.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

// superd's socket, and a peer's that talks to it.
struct Mailbox {
  UniqueFd socket;
  InetAddress bound;

  explicit Mailbox(const std::string& host) {
    const Listen listen{InetAddress{Transport::udp, {}, *parse_ip(host), 0}, {}, {}};
    socket = std::move(open_listener(listen).value());
    bound = std::get<InetAddress>(bound_address(socket.get(), listen.address).value());
    share_port(socket.get(), true);
    note_destinations(socket.get());
  }
};

struct Client {
  UniqueFd socket;

  explicit Client(const InetAddress& at) : socket(::socket(family_of(at), SOCK_DGRAM, 0)) {
    const KernelAddress to = to_kernel(at);
    REQUIRE(connect(socket.get(), to.get(), to.length) == 0);
  }
  void send(const std::string& text) const {
    REQUIRE(::send(socket.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  }
  Endpoint end() const { return exchange_end(socket.get()); }
};

struct Read {
  std::string text;
  Endpoint sender;
};

std::optional<Read> read_one(int socket) {
  char text[100];
  KernelAddress from;
  const ssize_t length =
      recvfrom(socket, text, sizeof text, MSG_DONTWAIT, from.get(), &from.length);
  if (length < 0) return std::nullopt;
  return Read{std::string(text, static_cast<std::size_t>(length)), to_endpoint(from)};
}

bool may_use_raw_sockets() {
  if (open_raw_socket(false)) return true;
  skipped("no right to a raw socket");
  return false;
}

}  // namespace

TEST_CASE("the first comes before those that overtook it, strangers go where they belong") {
  if (!may_use_raw_sockets()) return;
  const std::string host = GENERATE("127.0.0.1", "::1");
  const Mailbox service(host);
  const Client one(service.bound), other(service.bound);
  one.send("first");
  other.send("not mine");
  const Peer known = first_sender(service.socket.get(), service.bound).value();
  const auto& peer = std::get<InetPeer>(known);
  CHECK(peer.remote == one.end());
  CHECK(to_text(peer.local.address) == host);
  const auto own = open_exchange({}, peer);
  REQUIRE(own);
  one.send("second");
  one.send("");

  const auto raw = open_raw_socket(peer.remote.address.v6);
  const ResendAnswer answer =
      resend({7, exchange_end(own->get())}, {service.socket.get(), raw->get(), own->get()});
  CHECK(answer.id == 7);
  CHECK(answer.count == 3);
  CHECK(answer.error == 0);
  for (const char* expected : {"first", "second", ""}) {
    const auto read = read_one(own->get());
    REQUIRE(read);
    CHECK(read->text == expected);
    CHECK(read->sender == one.end());
  }
  CHECK(!read_one(own->get()));
  const auto left = read_one(service.socket.get());
  REQUIRE(left);
  CHECK(left->text == "not mine");
  CHECK(!read_one(service.socket.get()));
}

TEST_CASE("who has left its peer hears it no more, until it joins again") {
  const Mailbox service("127.0.0.1");
  const Client client(service.bound);
  const InetPeer peer{Transport::udp, client.end(), {*service.bound.host, service.bound.port}};
  const auto own = open_exchange({}, peer);
  REQUIRE(own);
  client.send("one");
  leave_exchange(own->get());
  client.send("two");
  CHECK(read_one(own->get())->text == "one");
  CHECK(!read_one(own->get()));
  CHECK(read_one(service.socket.get())->text == "two");
  REQUIRE(rejoin_exchange(own->get(), peer));
  client.send("three");
  CHECK(read_one(own->get())->text == "three");
  CHECK(!read_one(service.socket.get()));
}

TEST_CASE("what can't be sent is told") {
  if (!may_use_raw_sockets()) return;
  const Mailbox service("127.0.0.1");
  const Client client(service.bound);
  const auto raw = open_raw_socket(false);
  client.send("through a socket of another family");
  const ResendSockets sockets{service.socket.get(), raw->get(), -1};
  const ResendAnswer answer = resend({1, {*parse_ip("::1"), 9}}, sockets);
  CHECK(answer.count == 0);
  CHECK(answer.error != 0);
  const ResendAnswer nothing = resend({2, {*parse_ip("::1"), 9}}, sockets);
  CHECK(nothing.count == 0);
  CHECK(nothing.error == 0);
}
