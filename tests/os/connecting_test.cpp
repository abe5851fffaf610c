// SPDX-License-Identifier: MIT
// Connecting without waiting: who is there, who isn't, and who is full.
#include "superd/os/connecting.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "superd/os/socket.hpp"
#include "tests/patience.hpp"
#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

Endpoint listening(UniqueFd& listener) {
  const Listen listen{InetAddress{Transport::tcp, IpFamily::v4, parse_ip("127.0.0.1"), 0}, {}, {}};
  listener = std::move(open_listener(listen).value());
  const auto bound = bound_address(listener.get(), listen.address).value();
  return {*parse_ip("127.0.0.1"), std::get<InetAddress>(bound).port};
}

int result_of(const Connecting& connecting) {
  pollfd one{.fd = connecting.socket.get(), .events = POLLOUT, .revents = 0};
  if (!connecting.is_there) CHECK(poll(&one, 1, 10'000) == 1);
  return connect_result(connecting.socket.get());
}

}  // namespace

TEST_CASE("somebody who listens is connected to, and no program inherits that") {
  UniqueFd listener;
  const auto connecting = begin_connect(listening(listener));
  REQUIRE(connecting);
  CHECK(!blocks(connecting->socket.get()));
  CHECK(closes_on_exec(connecting->socket.get()));
  CHECK(result_of(*connecting) == 0);
}

TEST_CASE("nobody there is an error, at once or soon") {
  UniqueFd listener;
  const Endpoint there = listening(listener);
  listener.reset();
  const auto connecting = begin_connect(there);
  CHECK((connecting ? result_of(*connecting) : connecting.error().number) == ECONNREFUSED);
}

TEST_CASE("UNIX sockets: there, missing, full") {
  const Scratch scratch;
  const UnixAddress address{scratch / "x", false, UnixKind::stream};
  CHECK(begin_connect(address).error().number == ENOENT);
  Listen listen{address, {}, {}};
  listen.options.edit([](SocketOptions& options) { options.backlog = 0; });
  const UniqueFd listener = std::move(open_listener(listen).value());
  const auto first = begin_connect(address);
  REQUIRE(first);
  CHECK(first->is_there);
  std::vector<Connecting> more;
  Result<Connecting> next = begin_connect(address);
  for (int i = 0; i < 10 && next; ++i) {
    more.push_back(std::move(*next));
    next = begin_connect(address);
  }
  REQUIRE(!next);
  CHECK(next.error().number == EAGAIN);
}
