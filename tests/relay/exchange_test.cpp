// SPDX-License-Identifier: MIT
// The relay's loop in a thread, with a superd and an upstream that the test plays.
#include "superd/relay/exchange.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <thread>

#include "superd/os/descriptors.hpp"
#include "superd/os/message_socket.hpp"
#include "superd/os/socket.hpp"
#include "tests/patience.hpp"
#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

struct Listening {
  UniqueFd socket;
  UnixAddress address;
};

struct Room {
  MessageSockets sockets = open_message_sockets().value();
  UniqueFd no_signals{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  Result<void> ended;
  std::thread thread;

  explicit Room(const ForwardRules& rules) {
    std::signal(SIGPIPE, SIG_IGN);
    let_wait(sockets.ours.get(), true);
    let_wait(sockets.theirs.get(), false);
    say(RelayPlan{rules});
    thread = std::thread([this] {
      Exchange exchange(sockets.theirs.get(), no_signals.get());
      ended = exchange.run();
      sockets.theirs.reset();
    });
  }
  ~Room() {
    sockets.ours.reset();
    thread.join();
  }

  void say(const RelayOrder& order) { REQUIRE(send_message(sockets.ours.get(), encode(order))); }

  // A client whose other end the relay gets.
  UniqueFd client(std::uint64_t id) {
    int ends[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    const UniqueFd theirs(ends[1]);
    REQUIRE(send_message(sockets.ours.get(), encode(Take{id, UnixPeer{}}), {&ends[1], 1}));
    return UniqueFd(ends[0]);
  }

  RelayReport next() {
    pollfd one{.fd = sockets.ours.get(), .events = POLLIN, .revents = 0};
    REQUIRE(poll(&one, 1, 10'000) == 1);
    const auto message = receive_message(sockets.ours.get(), longest_relay_report);
    REQUIRE(message);
    const auto report = parse_relay_report(*message);
    REQUIRE(report);
    return *report;
  }
  Finished finished() {
    for (;;) {
      const RelayReport report = next();
      if (const auto* one = std::get_if<Finished>(&report)) return *one;
    }
  }
};

Listening listening(const Scratch& scratch) {
  const UnixAddress address{scratch / "x", false, UnixKind::stream};
  return {std::move(open_listener({address, {}, {}}).value()), address};
}

ForwardRules to(std::vector<Upstream> list) {
  ForwardRules rules;
  rules.to = std::move(list);
  return rules;
}

UniqueFd accepted(const Listening& listening) {
  pollfd one{.fd = listening.socket.get(), .events = POLLIN, .revents = 0};
  REQUIRE(poll(&one, 1, 10'000) == 1);
  return UniqueFd(accept4(listening.socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

std::string read_some(const UniqueFd& socket) {
  pollfd one{.fd = socket.get(), .events = POLLIN, .revents = 0};
  REQUIRE(poll(&one, 1, 10'000) == 1);
  std::string text(1000, '\0');
  const ssize_t length = recv(socket.get(), text.data(), text.size(), 0);
  REQUIRE(length >= 0);
  text.resize(static_cast<std::size_t>(length));
  return text;
}

void write(const UniqueFd& socket, const std::string& text) {
  REQUIRE(send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL) > 0);
}

}  // namespace

TEST_CASE("both ways, to the end of both") {
  const Scratch scratch;
  const Listening upstream = listening(scratch);
  Room room(to({upstream.address}));
  const UniqueFd client = room.client(7);
  const UniqueFd server = accepted(upstream);
  CHECK(std::get<Taken>(room.next()).id == 7);
  write(client, "question");
  CHECK(read_some(server) == "question");
  write(server, "an answer");
  CHECK(read_some(client) == "an answer");
  shutdown(client.get(), SHUT_WR);
  CHECK(read_some(server).empty());
  write(server, "!");
  CHECK(read_some(client) == "!");
  shutdown(server.get(), SHUT_WR);
  CHECK(read_some(client).empty());
  const Finished how = room.finished();
  CHECK(how.id == 7);
  CHECK(how.end == RelayEnd::closed);
  CHECK(how.bytes_in == 8);
  CHECK(how.bytes_out == 10);
  CHECK(how.upstream == to_text(Upstream(upstream.address)));
}

TEST_CASE("the first of a list that answers") {
  const Scratch scratch;
  const UnixAddress missing{scratch / "missing", false, UnixKind::stream};
  const Listening upstream = listening(scratch);
  Room room(to({missing, upstream.address}));
  const UniqueFd client = room.client(1);
  const UniqueFd server = accepted(upstream);
  write(server, "here");
  CHECK(read_some(client) == "here");
}

TEST_CASE("nobody answers: why the last one didn't") {
  const Scratch scratch;
  Room room(to({UnixAddress{scratch / "a", false, UnixKind::stream},
                UnixAddress{scratch / "b", false, UnixKind::stream}}));
  const UniqueFd client = room.client(1);
  const Finished how = room.finished();
  CHECK(how.end == RelayEnd::no_upstream);
  CHECK(how.error == ENOENT);
  CHECK(how.upstream == "unix:" + (scratch / "b"));
}

TEST_CASE("a host is asked for once by those who wait, and anew by those who come later") {
  Room room(to({NamedHost{"www.example.org", 9}}));
  const UniqueFd first = room.client(1), second = room.client(2);
  std::string asked;
  for (bool has_asked = false, all_taken = false; !has_asked || !all_taken;) {
    const RelayReport report = room.next();
    if (const auto* want = std::get_if<WantHost>(&report)) {
      CHECK(!has_asked);
      has_asked = true;
      asked = want->name;
    } else if (const auto* taken = std::get_if<Taken>(&report)) {
      all_taken = taken->id == 2;
    }
  }
  CHECK(asked == "www.example.org");
  room.say(HostFound{asked, {}});
  CHECK(room.finished().end == RelayEnd::no_upstream);
  CHECK(room.finished().error == EHOSTUNREACH);
  const UniqueFd third = room.client(3);
  for (;;) {
    const RelayReport report = room.next();
    if (std::holds_alternative<WantHost>(report)) break;
  }
}

TEST_CASE("a connection that is dropped ends, and the relay doesn't") {
  const Scratch scratch;
  const Listening upstream = listening(scratch);
  Room room(to({upstream.address}));
  const UniqueFd one = room.client(1), other = room.client(2);
  const UniqueFd server = accepted(upstream), other_server = accepted(upstream);
  room.say(Drop{1});
  CHECK(room.finished().end == RelayEnd::stopped);
  CHECK(read_some(one).empty());
  write(other, "on");
  CHECK(read_some(other_server) == "on");
}

TEST_CASE("a socket that doesn't come along is a shortage") {
  Room room(to({UnixAddress{"x", true, UnixKind::stream}}));
  room.say(Take{1, UnixPeer{}});
  CHECK(room.finished().end == RelayEnd::shortage);
}

TEST_CASE("without a byte for long it is idle, and with one it isn't") {
  const Scratch scratch;
  const Listening upstream = listening(scratch);
  ForwardRules rules = to({upstream.address});
  rules.idle_timeout = Milliseconds(50);
  Room room(rules);
  const UniqueFd client = room.client(1);
  const UniqueFd server = accepted(upstream);
  write(client, "x");
  CHECK(read_some(server) == "x");
  const Finished how = room.finished();
  CHECK(how.end == RelayEnd::idle);
  CHECK(how.bytes_in == 1);
}

TEST_CASE("a superd that can't be understood is left") {
  Room room(to({UnixAddress{"x", true, UnixKind::stream}}));
  REQUIRE(send_message(room.sockets.ours.get(), "nonsense"));
  room.thread.join();
  CHECK(!room.ended);
  room.thread = std::thread([] {});
}

TEST_CASE("without superd it ends with the last connection") {
  const Scratch scratch;
  const Listening upstream = listening(scratch);
  Room room(to({upstream.address}));
  UniqueFd client = room.client(1);
  UniqueFd server = accepted(upstream);
  room.sockets.ours.reset();
  write(client, "still");
  CHECK(read_some(server) == "still");
  client.reset();
  server.reset();
  room.thread.join();
  CHECK(room.ended);
  room.thread = std::thread([] {});
}
