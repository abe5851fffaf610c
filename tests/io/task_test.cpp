// SPDX-License-Identifier: MIT
// Tasks, sleeps and alarms.
#include "superd/io/task.hpp"

#include <stdexcept>
#include <vector>

#include "superd/os/fd.hpp"
#include "tests/catch.hpp"
#include "tests/patience.hpp"

using namespace superd;

namespace {

struct Deaths {
  std::vector<std::string> all;
  TaskDied died = [this](const char* name, const std::string& why) {
    all.push_back(name + (": " + why));
  };
};

awaitable<void> fails() {
  throw std::runtime_error("no more");
  co_return;
}

awaitable<void> fails_later() {
  co_await sleep_for(Milliseconds(1));
  throw 7;
}

awaitable<void> lives(bool& done) {
  co_await sleep_for(Milliseconds(1));
  done = true;
}

awaitable<void> reads(boost::asio::posix::stream_descriptor& from, std::vector<bool>& answers) {
  answers.push_back(co_await readable(from));
}

awaitable<void> sleeps(Alarm& alarm, Clock::time_point deadline, int& woken) {
  co_await alarm.sleep_until(deadline);
  ++woken;
}

awaitable<void> sleeps_until_rung(Alarm& alarm, int& woken) {
  co_await alarm.sleep_until_rung();
  ++woken;
}

}  // namespace

TEST_CASE("a task that dies is told of by its name, and the others live on") {
  Loop loop;
  Deaths deaths;
  bool done = false;
  spawn(loop, "first", fails(), deaths.died);
  spawn(loop, "second", fails_later(), deaths.died);
  spawn(loop, "third", lives(done), deaths.died);
  loop.run_for(patience);
  CHECK(done);
  CHECK(deaths.all ==
        std::vector<std::string>{"first: no more", "second: an exception of unknown type"});
}

TEST_CASE("readable waits for something to read, and for the end") {
  Loop loop;
  Deaths deaths;
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  boost::asio::posix::stream_descriptor from(loop, ends[0]);
  UniqueFd to(ends[1]);
  std::vector<bool> answers;

  spawn(loop, "read", reads(from, answers), deaths.died);
  loop.poll();
  CHECK(answers.empty());
  CHECK(send_text(to.get(), "x"));
  loop.restart();
  loop.run_for(patience);
  CHECK(answers == std::vector{true});

  char byte;
  CHECK(read(from.native_handle(), &byte, 1) == 1);
  to.reset();
  spawn(loop, "read", reads(from, answers), deaths.died);
  loop.restart();
  loop.run_for(patience);
  CHECK(answers == std::vector{true, true});
}

TEST_CASE("readable says when it was cancelled instead") {
  Loop loop;
  Deaths deaths;
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  boost::asio::posix::stream_descriptor from(loop, ends[0]);
  const UniqueFd to(ends[1]);
  std::vector<bool> answers;
  spawn(loop, "read", reads(from, answers), deaths.died);
  loop.poll();
  from.close();
  loop.restart();
  loop.run_for(patience);
  CHECK(answers == std::vector{false});
  CHECK(deaths.all.empty());
}

TEST_CASE("an alarm ends at its deadline") {
  Loop loop;
  Deaths deaths;
  Alarm alarm(loop);
  int woken = 0;
  const auto deadline = Clock::now() + Milliseconds(20);
  spawn(loop, "sleep", sleeps(alarm, deadline, woken), deaths.died);
  loop.run_for(patience);
  CHECK(woken == 1);
  CHECK(Clock::now() >= deadline);
}

TEST_CASE("a rung alarm ends before its deadline, and ringing without a sleeper is nothing") {
  Loop loop;
  Deaths deaths;
  Alarm alarm(loop);
  alarm.ring();
  int woken = 0;
  spawn(loop, "sleep", sleeps(alarm, Clock::now() + std::chrono::hours(1), woken), deaths.died);
  loop.poll();
  CHECK(woken == 0);
  alarm.ring();
  loop.restart();
  loop.run_for(patience);
  CHECK(woken == 1);

  spawn(loop, "sleep", sleeps_until_rung(alarm, woken), deaths.died);
  loop.restart();
  loop.poll();
  CHECK(woken == 1);
  alarm.ring();
  loop.restart();
  loop.run_for(patience);
  CHECK(woken == 2);
}
