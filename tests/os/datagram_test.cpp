// SPDX-License-Identifier: MIT
// Datagrams that wait, seen without being read.
#include "superd/os/datagram.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "superd/os/socket.hpp"
#include "superd/os/socket_address.hpp"
#include "tests/patience.hpp"
#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

struct Mailbox {
  UniqueFd socket;
  BindAddress bound;

  explicit Mailbox(const BindAddress& address) {
    auto opened = open_listener({address, {}, {}});
    if (!opened) throw std::runtime_error(opened.error().text);
    socket = std::move(*opened);
    bound = bound_address(socket.get(), address).value();
  }
};

InetAddress udp(const char* host) { return {Transport::udp, IpFamily::dual, parse_ip(host), 0}; }

UniqueFd sender_to(const BindAddress& address) {
  UniqueFd sender(socket(family_of(address), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const KernelAddress kernel = to_kernel(address);
  if (connect(sender.get(), kernel.get(), kernel.length) != 0)
    throw std::runtime_error(errno_text(errno));
  return sender;
}

Endpoint own_end(int socket) {
  KernelAddress address;
  getsockname(socket, address.get(), &address.length);
  return to_endpoint(address);
}

std::string next_text(int socket) {
  char bytes[100];
  const ssize_t n = recv(socket, bytes, sizeof bytes, MSG_DONTWAIT);
  return n < 0 ? errno_text(errno) : std::string(bytes, static_cast<std::size_t>(n));
}

void check_nobody_waits(const Mailbox& box) {
  const auto nobody = first_sender(box.socket.get(), box.bound);
  REQUIRE(!nobody);
  CHECK(nobody.error().number == EAGAIN);
  CHECK(!drop_first(box.socket.get()));
}

}  // namespace

TEST_CASE("a UDP sender is seen, and its datagram stays") {
  const char* host = GENERATE("127.0.0.1", "::1");
  CAPTURE(host);
  if (!open_listener({udp(host), {}, {}})) return skipped(std::string(host) + " is not here");
  const Mailbox box{udp(host)};
  check_nobody_waits(box);
  const UniqueFd first = sender_to(box.bound), second = sender_to(box.bound);
  REQUIRE(send_text(first.get(), "one"));
  REQUIRE(send_text(second.get(), "two"));
  for (int look = 0; look < 2; ++look) {
    const Peer peer = first_sender(box.socket.get(), box.bound).value();
    const auto& inet = std::get<InetPeer>(peer);
    CHECK(inet.transport == Transport::udp);
    CHECK(to_text(inet.remote) == to_text(own_end(first.get())));
    CHECK(inet.local.address == *parse_ip(host));
    CHECK(inet.local.port == std::get<InetAddress>(box.bound).port);
  }
  CHECK(drop_first(box.socket.get()));
  CHECK(to_text(std::get<InetPeer>(first_sender(box.socket.get(), box.bound).value()).remote) ==
        to_text(own_end(second.get())));
  CHECK(next_text(box.socket.get()) == "two");
  check_nobody_waits(box);
}

TEST_CASE("a UNIX sender is its user, and its path if it has one") {
  struct Row {
    const char* own;  // "" for none
    bool abstract;
  };
  const Row row = GENERATE(values<Row>({{"", false}, {"me", false}, {"superd-datagram", true}}));
  CAPTURE(row.own);
  const Scratch scratch;
  const Mailbox box{UnixAddress{scratch / "box", false, UnixKind::datagram}};
  check_nobody_waits(box);
  std::string path = row.own;
  if (row.abstract) path.append("-").append(std::to_string(getpid()));
  if (!path.empty() && !row.abstract) path = scratch / path;
  UniqueFd sender(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!path.empty()) {
    const KernelAddress own = to_kernel(UnixAddress{path, row.abstract, UnixKind::datagram});
    REQUIRE(bind(sender.get(), own.get(), own.length) == 0);
  }
  const KernelAddress there = to_kernel(box.bound);
  REQUIRE(sendto(sender.get(), "hi", 2, 0, there.get(), there.length) == 2);
  const Peer peer = first_sender(box.socket.get(), box.bound).value();
  const auto& local = std::get<UnixPeer>(peer);
  CHECK(local.uid == geteuid());
  CHECK(local.gid == getegid());
  CHECK(local.pid == getpid());
  CHECK(local.local == std::get<UnixAddress>(box.bound));
  const std::string shown = std::string(row.abstract ? "@" : "").append(path);
  CHECK(local.path.value_or("") == shown);
  CHECK(local.path.has_value() == !path.empty());
  CHECK(next_text(box.socket.get()) == "hi");
}

TEST_CASE("descriptors that come along don't stay") {
  const Scratch scratch;
  const Mailbox box{UnixAddress{scratch / "box", false, UnixKind::datagram}};
  const UniqueFd sender = sender_to(box.bound);
  alignas(cmsghdr) char notes[CMSG_SPACE(sizeof(int))] = {};
  char byte = 'x';
  iovec text{&byte, 1};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = notes;
  message.msg_controllen = sizeof notes;
  cmsghdr* note = CMSG_FIRSTHDR(&message);
  note->cmsg_level = SOL_SOCKET;
  note->cmsg_type = SCM_RIGHTS;
  note->cmsg_len = CMSG_LEN(sizeof(int));
  const int sent = sender.get();
  std::memcpy(CMSG_DATA(note), &sent, sizeof sent);
  REQUIRE(sendmsg(sender.get(), &message, 0) == 1);
  const UniqueFd before(dup(sender.get()));
  const int next = before.get() + 1;
  const bool was_open = is_open(next);
  CHECK(first_sender(box.socket.get(), box.bound));
  CHECK(arrival_of_first(box.socket.get()) != 0);
  CHECK(is_open(next) == was_open);
  const UniqueFd after(dup(sender.get()));
  CHECK((was_open || after.get() == next));
}

TEST_CASE("an empty datagram is one, too") {
  const Mailbox box{udp("127.0.0.1")};
  const UniqueFd sender = sender_to(box.bound);
  REQUIRE(send(sender.get(), "", 0, 0) == 0);
  CHECK(first_sender(box.socket.get(), box.bound));
  CHECK(drop_first(box.socket.get()));
  check_nobody_waits(box);
}

TEST_CASE("the arrival tells one datagram from the next of the same sender") {
  const Scratch scratch;
  const bool is_local = GENERATE(false, true);
  CAPTURE(is_local);
  const BindAddress address =
      is_local ? BindAddress(UnixAddress{scratch / "box", false, UnixKind::datagram})
               : BindAddress(udp("127.0.0.1"));
  const Mailbox box{address};
  CHECK(arrival_of_first(box.socket.get()) == 0);
  const UniqueFd sender = sender_to(box.bound);
  REQUIRE(send_text(sender.get(), "one"));
  REQUIRE(send_text(sender.get(), "two"));
  const auto first = arrival_of_first(box.socket.get());
  CHECK(first != 0);
  CHECK(arrival_of_first(box.socket.get()) == first);
  CHECK(drop_first(box.socket.get()));
  const auto second = arrival_of_first(box.socket.get());
  CHECK(second != 0);
  CHECK(second != first);
  CHECK(next_text(box.socket.get()) == "two");
}

TEST_CASE("a program that asks for arrivals itself goes on to get them") {
  const int option = GENERATE(SO_TIMESTAMP, SO_TIMESTAMPNS);
  CAPTURE(option);
  const Mailbox box{udp("127.0.0.1")};
  const UniqueFd sender = sender_to(box.bound);
  REQUIRE(send_text(sender.get(), "one"));
  int value = 1;
  socklen_t size = sizeof value;
  REQUIRE(setsockopt(box.socket.get(), SOL_SOCKET, option, &value, size) == 0);
  const auto arrival = arrival_of_first(box.socket.get());
  CHECK(arrival != 0);
  CHECK(arrival_of_first(box.socket.get()) == arrival);
  value = 0;
  REQUIRE(getsockopt(box.socket.get(), SOL_SOCKET, option, &value, &size) == 0);
  CHECK(value != 0);
}
