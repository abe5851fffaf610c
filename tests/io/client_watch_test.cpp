// SPDX-License-Identifier: MIT
// Watching what a handler shares.
#include "superd/io/client_watch.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <optional>

#include "tests/catch.hpp"
#include "tests/patience.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

struct Watching {
  Loop loop;
  ClientWatch watch{loop};
  UniqueFd client, server;
  int fired = 0;

  Watching() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      throw std::runtime_error("no socket pair");
    client = UniqueFd(ends[0]);
    server = UniqueFd(ends[1]);
  }

  Result<ClientWatch::Guard> start(std::uint32_t events) {
    return watch.watch(server.get(), events, [this] { ++fired; });
  }
  bool fires(int times) {
    return comes_true([&] {
      loop.poll();
      return fired == times;
    });
  }
  int fired_by_now() {
    for (int turn = 0; turn < 5; ++turn) loop.poll();
    return fired;
  }
};

}  // namespace

TEST_CASE("a hang-up fires, once, and leaves the shared open file as it was") {
  Watching room;
  const auto guard = room.start(0);
  REQUIRE(guard);
  CHECK(send_text(room.client.get(), "a request"));
  CHECK(room.fired_by_now() == 0);
  CHECK(blocks(room.server.get()));
  shutdown(room.client.get(), SHUT_WR);  // a request that is complete is no hang-up
  CHECK(room.fired_by_now() == 0);
  room.client.reset();
  CHECK(room.fires(1));
  CHECK(room.fired_by_now() == 1);
  CHECK(blocks(room.server.get()));
}

TEST_CASE("again means once more") {
  Watching room;
  auto guard = room.start(EPOLLIN);
  REQUIRE(guard);
  CHECK(send_text(room.client.get(), "x"));
  CHECK(room.fires(1));
  CHECK(room.fired_by_now() == 1);
  guard->again(EPOLLIN);
  CHECK(room.fires(2));
}

TEST_CASE("the guard's end is the end of watching, also in the middle of it") {
  Watching room;
  {
    const auto guard = room.start(EPOLLIN);
    REQUIRE(guard);
  }
  CHECK(send_text(room.client.get(), "x"));
  CHECK(room.fired_by_now() == 0);

  std::optional<ClientWatch::Guard> own;
  auto guard = room.watch.watch(room.server.get(), EPOLLIN, [&] {
    ++room.fired;
    own.reset();
  });
  REQUIRE(guard);
  own.emplace(std::move(*guard));
  CHECK(room.fires(1));
  CHECK(!own);
  CHECK(room.fired_by_now() == 1);
}

TEST_CASE("what can't be watched is told") {
  Watching room;
  room.server.reset();
  const auto guard = room.start(0);
  REQUIRE(!guard);
  CHECK(guard.error().number == EBADF);
}
