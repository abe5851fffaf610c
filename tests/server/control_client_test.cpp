// SPDX-License-Identifier: MIT
// One client at a time: its bytes, its slowness, its going away; and followers of events.
#include "superd/server/control_client.hpp"

#include "tests/catch.hpp"
#include "tests/server/control_room.hpp"

using namespace superd;

namespace {

constexpr ControlPatience little{Milliseconds(100), Milliseconds(100)};

std::string wrong(const std::string& error) {
  return failure(ControlFault::wrong, error).line + "\n";
}

Event said(const std::string& text) { return StderrLine{"hello", text, false}; }

// Reads until `wanted` has come, a buffer at a time.
std::string read_past(int fd, const std::string& wanted) {
  std::string all;
  char bytes[65536];
  while (all.find(wanted) == std::string::npos && becomes_readable(fd)) {
    const ssize_t n = read(fd, bytes, sizeof bytes);
    if (n <= 0) break;
    all.append(bytes, static_cast<std::size_t>(n));
  }
  return all;
}

}  // namespace

TEST_CASE("what clients send, and what they are told") {
  struct Row {
    std::string bytes, answer;
  };
  const Row rows[] = {
      {"status\n", answer_of("status")},
      {"status\nps\n", answer_of("status")},  // one request for each connection
      {"status\n\n\n\n", answer_of("status")},
      {"status\nps", answer_of("status")},
      {"status\n" + std::string(100'000, 'x'), answer_of("status")},
      {"\n", wrong("the request is empty; give a command, such as 'status'")},
      {"statsu\n", wrong("there is no command 'statsu'; did you mean 'status'?")},
      {std::string("st\0tus\n", 7), wrong("a request is text, and this one holds a NUL byte")},
      {"status 'half\n", wrong("the request can't be split into words: close the single quote")},
      {std::string(longest_control_request + 1, 'x') + "\n", wrong("a request has at most 64 KiB")},
      {std::string(150'000, 'x'), wrong("a request has at most 64 KiB")},
      {"events --service missing\n", wrong("there is no service 'missing'")},
  };
  ControlRoom room;
  for (const Row& row : rows) {
    CAPTURE(row.bytes.substr(0, 30), row.bytes.size());
    CHECK(ask(room.path, row.bytes) == row.answer);
  }
  CHECK(room.has_clients(0));
}

TEST_CASE("a request as long as it may be is read, in whatever pieces") {
  ControlRoom room;
  std::string longest = "pause a";
  longest.resize(longest_control_request, ' ');
  CHECK(ask(room.path, longest + "\n") == answer_of("pause"));
  const UniqueFd client = knock(room.path);
  for (const char byte : std::string("sta tus")) {
    if (byte != ' ') send_text(client.get(), std::string(1, byte));
    std::this_thread::yield();
  }
  send_text(client.get(), "\n");
  CHECK(read_to_end(client.get()) == answer_of("status"));
}

TEST_CASE("the end of what a client sends is the end of its line") {
  ControlRoom room;
  const UniqueFd client = knock(room.path);
  send_text(client.get(), "status");
  shutdown(client.get(), SHUT_WR);
  CHECK(read_to_end(client.get()) == answer_of("status"));
}

TEST_CASE("who comes and goes is asked nothing") {
  ControlRoom room;
  const std::ptrdiff_t before = open_descriptors();
  for (int i = 0; i < 100; ++i) knock(room.path);
  const UniqueFd silent = knock(room.path);
  shutdown(silent.get(), SHUT_WR);
  CHECK(read_to_end(silent.get()).empty());
  CHECK(room.has_clients(0));
  CHECK(room.commands.asked == 0);
  CHECK(comes_true([&] { return open_descriptors() == before + 1; }));
}

TEST_CASE("a request must come in time, whole") {
  ControlRoom room({}, little);
  const std::string late = R"({"ok":false,"status":1,"error":"no request came within 100ms"})"
                           "\n";
  CHECK(ask(room.path, "") == late);
  CHECK(ask(room.path, "stat") == late);
  CHECK(ask(room.path, "status\n") == answer_of("status"));
}

TEST_CASE("the time to ask is not the time to answer") {
  ControlRoom room({}, little);
  const UniqueFd client = knock(room.path);
  send_text(client.get(), "reload\n");
  REQUIRE(comes_true([&] { return room.commands.asked == 1; }));
  CHECK(ask(room.path, "").size() > 0);  // whose time has passed
  room.commands.holds = false;
  CHECK(read_to_end(client.get()) == answer_of("reload"));
}

TEST_CASE("a huge answer goes out as it is read, while others are served") {
  ControlRoom room;
  constexpr std::size_t size = 20'000'000;
  const UniqueFd slow = knock(room.path);
  send_text(slow.get(), "show " + std::to_string(size) + "\n");
  std::string all = read_until(slow.get(), "x");
  CHECK(ask(room.path, "status\n") == answer_of("status"));
  all += read_to_end(slow.get());
  CHECK(all.size() == answer_of("show").size() + std::string(R"(,"text":"")").size() + size);
  CHECK(all.ends_with("x\"}\n"));
}

TEST_CASE("who doesn't take its answer is dropped") {
  ControlRoom room({}, little);
  const UniqueFd client = knock(room.path);
  send_text(client.get(), "show 5000000\n");
  REQUIRE(comes_true([&] { return room.commands.answered == 1; }));
  CHECK(room.has_clients(0));
  const std::string got = read_to_end(client.get());
  CHECK(got.size() > 0);
  CHECK(got.size() < 5'000'000);
}

TEST_CASE("who takes a little now and then is served to the end") {
  ControlRoom room({}, ControlPatience{Milliseconds(5000), Milliseconds(500)});
  const UniqueFd client = knock(room.path);
  send_text(client.get(), "show 3000000\n");
  std::size_t got = 0;
  std::string bytes(100'000, 0);
  while (becomes_readable(client.get())) {
    const ssize_t n = read(client.get(), bytes.data(), bytes.size());
    if (n <= 0) break;
    got += static_cast<std::size_t>(n);
    std::this_thread::sleep_for(Milliseconds(25));  // slow on purpose: longer than to_take in all
  }
  CHECK(got > 3'000'000);
}

TEST_CASE("who goes in the middle of its answer leaves nothing behind") {
  ControlRoom room;
  const std::ptrdiff_t before = open_descriptors();
  for (int i = 0; i < 20; ++i) {
    const UniqueFd client = knock(room.path);
    send_text(client.get(), "show 5000000\n");
    read_until(client.get(), "xxx");
  }
  CHECK(room.has_clients(0));
  CHECK(comes_true([&] { return open_descriptors() == before; }));
}

TEST_CASE("events that are remembered come after the answer, and that is all") {
  ControlRoom room;
  CHECK(ask(room.path, "events\n") == answer_of("events"));
  room.publish(said("first"));
  room.publish(Ready{1, 1});
  const std::string all = ask(room.path, "events\n");
  CHECK(all.starts_with(answer_of("events") + "{\"time\":"));
  CHECK(all.find("\"text\":\"first\"}\n") != std::string::npos);
  CHECK(all.ends_with("\"event\":\"ready\",\"services\":1,\"listeners\":1}\n"));
  const std::string filtered = ask(room.path, "events --service hello\n");
  CHECK(filtered.ends_with("\"text\":\"first\"}\n"));
}

TEST_CASE("a follower is told what happens, even one that only listens") {
  ControlRoom room({}, little);
  const UniqueFd follows = knock(room.path), of_other = knock(room.path);
  room.publish(said("first"));
  send_text(follows.get(), "events --follow");
  shutdown(follows.get(), SHUT_WR);
  send_text(of_other.get(), "events --follow --service other\n");
  CHECK(read_until(follows.get(), "\"first\"}\n").starts_with(answer_of("events")));
  CHECK(read_until(of_other.get(), "}\n") == answer_of("events"));
  CHECK(ask(room.path, "").size() > 0);  // longer than all patience
  room.publish(said("second"));
  room.publish(StderrLine{"other", "third", false});
  CHECK(read_until(follows.get(), "\"third\"}\n").find("\"second\"") != std::string::npos);
  CHECK(read_until(of_other.get(), "\"third\"}\n").find("\"second\"") == std::string::npos);
  CHECK(room.clients() == 2);
}

TEST_CASE("a follower that goes gives its place back, though nothing happens") {
  ControlRoom room;
  const std::ptrdiff_t before = open_descriptors();
  {
    std::vector<UniqueFd> followers(Control::most_clients);
    for (UniqueFd& follower : followers) {
      follower = knock(room.path);
      send_text(follower.get(), "events --follow\n");
      CHECK(read_until(follower.get(), "\n") == answer_of("events"));
    }
    CHECK(ask(room.path, "status\n").starts_with(R"({"ok":false,"status":1,)"));
  }
  CHECK(room.has_clients(0));
  CHECK(ask(room.path, "status\n") == answer_of("status"));
  CHECK(comes_true([&] { return open_descriptors() == before; }));
}

TEST_CASE("a slow follower misses some and is told so, and keeps nobody waiting") {
  ControlRoom room;
  const UniqueFd slow = knock(room.path);
  send_text(slow.get(), "events --follow\n");
  CHECK(read_until(slow.get(), "\n") == answer_of("events"));
  for (int i = 0; i < 5000; ++i) room.publish(said(std::string(500, 'x')));
  CHECK(ask(room.path, "status\n") == answer_of("status"));
  const std::string got = read_past(slow.get(), "lines_dropped");
  CHECK(got.find(R"("level":"warning","event":"lines_dropped","count":)") != std::string::npos);
  room.publish(said("last"));
  CHECK(read_past(slow.get(), "\"text\":\"last\"}\n").ends_with("\"text\":\"last\"}\n"));
}

TEST_CASE("a follower that takes nothing for too long is dropped") {
  ControlRoom room({}, little);
  const UniqueFd dead = knock(room.path);
  send_text(dead.get(), "events --follow\n");
  CHECK(read_until(dead.get(), "\n") == answer_of("events"));
  for (int i = 0; i < 3000; ++i) room.publish(said(std::string(500, 'x')));
  CHECK(room.has_clients(0));
}

TEST_CASE("at the end a follower is given what there is for it") {
  ControlRoom room;
  const UniqueFd follows = knock(room.path);
  send_text(follows.get(), "events --follow\n");
  CHECK(read_until(follows.get(), "\n") == answer_of("events"));
  room.publish(Stopped{});
  room.end();
  CHECK(read_to_end(follows.get()).ends_with("\"event\":\"stopped\"}\n"));
}
