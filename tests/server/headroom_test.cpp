// SPDX-License-Identifier: MIT
// Pausing and healing.
#include "superd/server/headroom.hpp"

#include <optional>
#include <vector>

#include "tests/catch.hpp"
#include "tests/server/log_file.hpp"

using namespace superd;

namespace {

struct Room {
  LogFile log;
  Loop loop;
  Headroom headroom;
  std::vector<int> resumed;

  explicit Room(unsigned instances) : headroom(loop, log.reporter(), instances) {}

  void wait(int who) {
    headroom.when_room([this, who] { resumed.push_back(who); });
  }
  // What can be done without waiting.
  std::vector<int> resumed_by_now() {
    loop.restart();
    loop.poll();
    return resumed;
  }
  std::vector<std::string> lines() {
    headroom.close();
    return log.lines();
  }
};

using Order = std::vector<int>;

}  // namespace

TEST_CASE("a limit is as many slots as may be held") {
  Room room(2);
  CHECK(room.headroom.has_room());
  {
    Headroom::Slot first(room.headroom);
    CHECK(room.headroom.has_room());
    const Headroom::Slot second(room.headroom);
    CHECK(!room.headroom.has_room());
    CHECK(room.headroom.running() == 2);
    const Headroom::Slot moved(std::move(first));
    CHECK(room.headroom.running() == 2);
  }
  CHECK(room.headroom.running() == 0);
  CHECK(room.headroom.has_room());
  CHECK(room.lines().empty());
}

TEST_CASE("who waits is called first come, first served, one for each slot") {
  Room room(2);
  std::optional<Headroom::Slot> first(std::in_place, room.headroom);
  std::optional<Headroom::Slot> second(std::in_place, room.headroom);
  for (const int who : {1, 2, 3}) room.wait(who);
  CHECK(room.resumed_by_now().empty());
  first.reset();
  CHECK(room.resumed.empty());  // not in the middle of somebody's destructor
  CHECK(room.resumed_by_now() == Order{1});
  second.reset();
  CHECK(room.resumed_by_now() == Order{1, 2});
  CHECK(room.lines() ==
        std::vector<std::string>{"superd: listeners paused: daemon.instances (2) is reached; "
                                 "new connections wait in the backlog"});
}

TEST_CASE("what ran out is said once, and that it is over too") {
  Room room(10);
  room.headroom.ran_out("Too many open files");
  CHECK(!room.headroom.has_room());
  room.headroom.ran_out("Too many open files");
  room.wait(1);
  room.headroom.ran_out("Cannot allocate memory");
  room.loop.run_for(patience);  // nothing is left to do when it is over
  CHECK(room.loop.stopped());
  CHECK(room.resumed == Order{1});
  CHECK(room.headroom.has_room());
  const auto lines = room.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] ==
        "superd: listeners paused: Too many open files; new connections wait in the backlog");
  CHECK(lines[1].starts_with("superd: listeners resumed after "));
}

TEST_CASE("a handler's end makes room at once where something ran out") {
  Room room(10);
  std::optional<Headroom::Slot> slot(std::in_place, room.headroom);
  room.headroom.ran_out("Too many open files");
  room.wait(1);
  slot.reset();
  CHECK(room.headroom.has_room());
  CHECK(room.resumed_by_now() == Order{1});
}

TEST_CASE("who asks again while there is none waits again") {
  Room room(1);
  std::optional<Headroom::Slot> slot(std::in_place, room.headroom);
  room.headroom.when_room([&] { room.wait(1); });
  slot.reset();
  slot.emplace(room.headroom);
  CHECK(room.resumed_by_now().empty());
  slot.reset();
  CHECK(room.resumed_by_now() == Order{1});
}

TEST_CASE("closing forgets who waits and says no more") {
  Room room(1);
  std::optional<Headroom::Slot> slot(std::in_place, room.headroom);
  room.wait(1);
  room.headroom.close();
  slot.reset();
  room.loop.restart();
  room.loop.run_for(patience);
  CHECK(room.loop.stopped());
  CHECK(room.resumed.empty());
  CHECK(room.lines().size() == 1);
}

TEST_CASE("the last slot that comes back rings") {
  Room room(2);
  std::optional<Headroom::Slot> first(std::in_place, room.headroom);
  std::optional<Headroom::Slot> second(std::in_place, room.headroom);
  bool is_idle = false;
  const auto waits = [&]() -> awaitable<void> {
    co_await room.headroom.idle().sleep_until_rung();
    is_idle = true;
  };
  const TaskDied died = [](const char*, const std::string&) {};
  spawn(room.loop, "wait", waits(), died);
  room.resumed_by_now();
  first.reset();
  room.resumed_by_now();
  CHECK(!is_idle);
  second.reset();
  room.resumed_by_now();
  CHECK(is_idle);
}
