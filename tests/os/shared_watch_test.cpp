// SPDX-License-Identifier: MIT
// Readiness without a trace on what is watched.
#include "superd/os/shared_watch.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "tests/patience.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

struct Pair {
  UniqueFd one, other;
};

Pair pair_of_sockets() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return {};
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// 0: nothing fired.
std::uint64_t fired(SharedWatch& watch) {
  std::array<epoll_event, 4> room;
  const auto events = watch.take(room);
  return events.empty() ? 0 : events.front().data.u64;
}

}  // namespace

TEST_CASE("a watch fires once, and again when it is armed again") {
  SharedWatch watch = SharedWatch::open().value();
  const Pair pair = pair_of_sockets();
  REQUIRE(watch.add(pair.one.get(), EPOLLIN, 7));
  CHECK(closes_on_exec(watch.descriptor()));
  CHECK(fired(watch) == 0);

  REQUIRE(send_text(pair.other.get(), "x"));
  CHECK(becomes_readable(watch.descriptor()));
  CHECK(fired(watch) == 7);
  CHECK(fired(watch) == 0);
  watch.rearm(pair.one.get(), EPOLLIN, 8);
  CHECK(fired(watch) == 8);
  watch.rearm(pair.one.get(), EPOLLIN, 9);
  watch.remove(pair.one.get());
  CHECK(fired(watch) == 0);
  CHECK(blocks(pair.one.get()));
}

TEST_CASE("a hang-up fires without being asked for") {
  SharedWatch watch = SharedWatch::open().value();
  Pair pair = pair_of_sockets();
  REQUIRE(watch.add(pair.one.get(), 0, 7));
  REQUIRE(send_text(pair.other.get(), "x"));
  CHECK(fired(watch) == 0);
  pair.other.reset();
  CHECK(fired(watch) == 7);
}

TEST_CASE("no more is taken than there is room for, the rest comes next") {
  SharedWatch watch = SharedWatch::open().value();
  std::array<Pair, 6> pairs;
  for (Pair& pair : pairs) {
    pair = pair_of_sockets();
    REQUIRE(watch.add(pair.one.get(), EPOLLIN, 1));
    REQUIRE(send_text(pair.other.get(), "x"));
  }
  std::array<epoll_event, 4> room;
  CHECK(watch.take(room).size() == 4);
  CHECK(watch.take(room).size() == 2);
  CHECK(watch.take(room).empty());
}

TEST_CASE("what can't be watched is told") {
  SharedWatch watch = SharedWatch::open().value();
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  const auto added = watch.add(null.get(), EPOLLIN, 1);
  REQUIRE(!added);
  CHECK(added.error().number == EPERM);
}
