// SPDX-License-Identifier: MIT
// The line before a full service: in order, bounded, and before everybody else.
#include "superd/server/gate.hpp"

#include "tests/catch.hpp"
#include "tests/server/log_file.hpp"

using namespace superd;

namespace {

struct Room {
  LogFile log;
  Loop loop;
  Metrics metrics;
  Gate gate{loop, log.reporter(), metrics};
  TaskDied died = [](const char*, const std::string& why) { throw std::runtime_error(why); };
  HandlerPtr handler;
  rlimit descriptors{};
  std::vector<int> called;

  Room() {
    Service service;
    service.name = "x";
    Terms terms;
    terms.limits.instances = 1;
    terms.limits.when_full = WhenFull::wait;
    service.terms = terms;
    handler = std::make_shared<Handler>(std::make_shared<Service>(service), descriptors);
  }

  const Service& service() const { return handler->service(); }
  std::optional<Gate::Pass> let_in() {
    return gate.let_in(handler, InetPeer{Transport::tcp, {*parse_ip("192.0.2.1"), 1}, {}});
  }
  // Stands in line until it is called.
  awaitable<void> stand(int who) {
    Alarm alarm(loop);
    const auto place = gate.stand_in_line(service(), alarm);
    if (!place) co_return void(called.push_back(-who));
    co_await alarm.sleep_until_rung();
    called.push_back(who);
  }
  void enter(int who) { spawn(loop, "stand", stand(who), died); }
  void settle() {
    loop.restart();
    loop.poll();
  }
};

}  // namespace

TEST_CASE("who stands in line comes first, one after the other") {
  Room room;
  auto pass = room.let_in();
  CHECK(!room.gate.is_open(room.service()));
  bool listener_called = false;
  room.gate.when_open(room.service(), [&] { listener_called = true; });
  for (int who : {1, 2, 3}) room.enter(who);
  room.settle();
  CHECK(room.gate.has_line(room.service()));
  CHECK(room.called.empty());
  pass.reset();
  CHECK(!room.gate.is_open(room.service()));  // there is room, and somebody who has waited for it
  room.settle();
  CHECK(room.called == std::vector<int>{1, 2, 3});  // each takes no place here, and calls the next
  CHECK(listener_called);
  CHECK(!room.gate.has_line(room.service()));
  CHECK(room.gate.is_open(room.service()));
}

TEST_CASE("a line has an end") {
  Room room;
  const auto pass = room.let_in();
  for (int who = 1; who <= 300; ++who) room.enter(who);
  room.settle();
  CHECK(room.called.size() == 300 - 256);
  CHECK(room.called.front() == -257);
  room.gate.look_again();
  room.settle();
  CHECK(room.called.size() == 300);
}

TEST_CASE("closed doors are handed on") {
  Room before, after;
  const auto until = Clock::now() + std::chrono::hours(1);
  before.gate.keep_closed({{"x", until}, {"gone", Clock::now() - std::chrono::hours(1)}});
  const auto closed = before.gate.closed_doors();
  CHECK(closed == std::map<std::string, Clock::time_point>{{"x", until}});
}
