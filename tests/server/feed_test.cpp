// SPDX-License-Identifier: MIT
// Events remembered and followed.
#include "superd/server/feed.hpp"

#include <regex>
#include <sstream>

#include "tests/catch.hpp"

using namespace superd;

namespace {

Event said(const std::string& service, const std::string& text) {
  return StderrLine{service, text, false};
}

Run run_of(const std::string& service) {
  return {service, UnixPeer{1000, 100, 4712, {"/run/x", false}}, 8, 4711};
}

// What stderr lines hold; other events by their names, dropped ones by their number.
std::vector<std::string> told(const std::string& lines) {
  std::vector<std::string> all;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) {
    std::smatch found;
    if (std::regex_search(line, found, std::regex(R"re("text":"(.*)"\}$)re"))) {
      all.push_back(found[1]);
    } else if (std::regex_search(line, found, std::regex(R"re("count":(\d+)\}$)re"))) {
      all.push_back("dropped " + found[1].str());
    } else if (std::regex_search(line, found, std::regex(R"re("event":"(\w+)")re"))) {
      all.push_back(found[1]);
    }
  }
  return all;
}

using Told = std::vector<std::string>;

struct Room {
  Loop loop;
  Alarm arrived{loop};
  Feed feed;
};

}  // namespace

TEST_CASE("an event is a line of JSON with its time and level") {
  Feed feed;
  feed.publish(LaunchFailed{run_of("hello"), "exec", ENOENT});
  CHECK(std::regex_match(
      feed.remembered({}),
      std::regex(R"re(\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d",)re"
                 R"re("level":"error","event":"launch_failed","service":"hello",.*\}\n)re")));
}

TEST_CASE("the last events are remembered, oldest first") {
  Feed feed;
  CHECK(feed.remembered({}).empty());
  constexpr int all = 1500;
  for (int i = 0; i < all; ++i) {
    feed.publish(said("a", std::to_string(i)));
    const int first = std::max(0, i + 1 - static_cast<int>(Feed::most_remembered));
    if (i % 300 != 0 && i != 511 && i != 512) continue;
    const Told lines = told(feed.remembered({}));
    CHECK(lines.size() == static_cast<std::size_t>(i + 1 - first));
    CHECK(lines.front() == std::to_string(first));
    CHECK(lines.back() == std::to_string(i));
  }
}

TEST_CASE("a filter lets one service through; superd's own events are nobody's") {
  Room room;
  const auto of_b = room.feed.follow("b", room.arrived);
  const auto everything = room.feed.follow({}, room.arrived);
  room.feed.publish(said("a", "1"));
  room.feed.publish(said("b", "2"));
  room.feed.publish(Started{run_of("b")});
  room.feed.publish(Ready{1, 1});
  room.feed.publish(Started{run_of("bb")});
  room.feed.publish(Listening{"b", "127.0.0.1:79"});
  const Told b{"2", "started", "listening"};
  CHECK(told(room.feed.remembered("b")) == b);
  CHECK(told(of_b->take()) == b);
  CHECK(told(everything->take()) == Told{"1", "2", "started", "ready", "started", "listening"});
  CHECK(room.feed.remembered("c").empty());
}

TEST_CASE("a follower is told what happens from then on, once") {
  Room room;
  room.feed.publish(said("a", "before"));
  const auto follower = room.feed.follow({}, room.arrived);
  CHECK(follower->take().empty());
  room.feed.publish(said("a", "1"));
  room.feed.publish(said("a", "2"));
  CHECK(told(follower->take()) == Told{"1", "2"});
  CHECK(follower->take().empty());
}

TEST_CASE("a follower who is gone is not told") {
  Room room;
  auto gone = room.feed.follow({}, room.arrived);
  const auto stays = room.feed.follow({}, room.arrived);
  gone.reset();
  room.feed.publish(said("a", "1"));
  CHECK(told(stays->take()) == Told{"1"});
}

TEST_CASE("who is slow misses some, and is told how many where they are missing") {
  Room room;
  const auto follower = room.feed.follow({}, room.arrived);
  for (int i = 0; i < 1003; ++i) room.feed.publish(said("a", std::to_string(i)));
  Told lines = told(follower->take());
  REQUIRE(lines.size() == Feed::longest_queue + 1);
  CHECK(lines[999] == "999");
  CHECK(lines[1000] == "dropped 3");
  CHECK(follower->take().empty());
  room.feed.publish(said("a", "later"));
  CHECK(told(follower->take()) == Told{"later"});
}

TEST_CASE("a queue is bounded in bytes too, and a small event doesn't overtake a large one") {
  Room room;
  const auto follower = room.feed.follow({}, room.arrived);
  const std::string large(1024, '\x01');  // six bytes each in JSON
  for (int i = 0; i < 100; ++i) room.feed.publish(said("a", large));
  room.feed.publish(said("a", "small"));
  const std::string lines = follower->take();
  CHECK(lines.size() <= Feed::largest_queue + 200);
  const Told all = told(lines);
  CHECK(all.size() < 45);
  CHECK(all.back() == "dropped " + std::to_string(101 - (all.size() - 1)));
}

TEST_CASE("the alarm rings when there is something to take") {
  Room room;
  const TaskDied died = [](const char*, const std::string&) {};
  const auto follower = room.feed.follow({}, room.arrived);
  Told lines;
  const auto follows = [&]() -> awaitable<void> {
    while (lines.size() < 3) {
      for (std::string& line : told(follower->take())) lines.push_back(std::move(line));
      if (lines.size() < 3) co_await room.arrived.sleep_until_rung();
    }
  };
  spawn(room.loop, "follow", follows(), died);
  room.loop.poll();
  room.feed.publish(said("a", "1"));
  room.feed.publish(said("a", "2"));
  room.loop.poll();
  CHECK(lines == Told{"1", "2"});
  room.feed.publish(said("a", "3"));
  room.loop.poll();
  CHECK(lines == Told{"1", "2", "3"});
}
