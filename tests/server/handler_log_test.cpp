// SPDX-License-Identifier: MIT
// Lines from a pipe into the log.
#include "superd/server/handler_log.hpp"

#include "tests/catch.hpp"
#include "tests/server/log_file.hpp"

using namespace superd;

namespace {

struct Room {
  LogFile log;
  HandlerLogs all;  // outlives the tasks, which end with the loop
  Loop loop;
  std::shared_ptr<HandlerLog> handlers = std::make_shared<HandlerLog>(
      loop, log.reporter(), all, "hello", open_log_pipe(std::nullopt).value());
  TaskDied died = [](const char*, const std::string&) {};

  void say(const std::string& text) {
    if (!send_text(handlers->write_end(), text)) throw std::runtime_error("the pipe is full");
  }
  // Follows until the log shows `text`.
  bool shows(const std::string& text) {
    return comes_true([&] {
      loop.restart();
      loop.poll();
      return text_of(log.path()).find(text) != std::string::npos;
    });
  }
};

std::string line(const std::string& text) { return "service 'hello': stderr: " + text; }

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("what is in the pipe becomes lines") {
  struct Row {
    std::string said;
    Lines lines;
  };
  const std::string longest(1024, 'x');
  const Row rows[] = {
      {"one\n", {line("one")}},
      {"one\ntwo\n", {line("one"), line("two")}},
      {"last words", {line("last words")}},
      {"one\n\nthree", {line("one"), line(""), line("three")}},
      {"\x1B[31mred\rblue\n", {line("\\x1b[31mred\\rblue")}},
      {"one\r\n\r\nthree\r\r\n", {line("one"), line(""), line("three\\r")}},
      {longest + "\n", {line(longest)}},
      {longest + "y\nnext\n", {line(longest + " [line cut]"), line("next")}},
      {longest + std::string(2000, 'y') + "\n", {line(longest + " [line cut]")}},
      {longest + std::string(20'000, 'y') + "\nnext\n",
       {line(longest + " [line cut]"), line("next")}},
      {longest + longest, {line(longest + " [line cut]")}},
      {"", {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.said.substr(0, 20), row.said.size());
    Room room;
    room.say(row.said);
    room.handlers->drain();
    CHECK(room.log.lines() == row.lines);
  }
}

TEST_CASE("a line may come in pieces") {
  Room room;
  spawn(room.loop, "follow", HandlerLog::follow(room.handlers), room.died);
  room.say("first\nin ");
  CHECK(room.shows("first"));
  room.say("three ");
  room.say("pieces\nlast");
  CHECK(room.shows("pieces"));
  room.handlers->drain();
  CHECK(room.log.lines() == Lines{line("first"), line("in three pieces"), line("last")});
}

TEST_CASE("a talkative handler is read to its end") {
  Room room;
  spawn(room.loop, "follow", HandlerLog::follow(room.handlers), room.died);
  Lines expected;
  std::string all;
  for (int i = 0; i < 2000; ++i) {
    expected.push_back(line("line " + std::to_string(i)));
    all += "line " + std::to_string(i) + "\n";
  }
  room.say(all);
  CHECK(room.shows("line 1999\n"));
  CHECK(room.log.lines() == expected);
}

TEST_CASE("a retired log is read until the last handler has closed it") {
  Room room;
  room.say("before\n");
  UniqueFd handler(dup(room.handlers->write_end()));
  spawn(room.loop, "follow", HandlerLog::follow(room.handlers), room.died);
  room.handlers->retire();
  room.handlers.reset();
  CHECK(room.shows("before"));
  CHECK(room.all.size() == 1);
  CHECK(send_text(handler.get(), "last words"));
  handler.reset();
  CHECK(room.shows("last words"));
  CHECK(room.all.empty());
}

TEST_CASE("draining an empty pipe doesn't wait") {
  Room room;
  room.handlers->drain();
  CHECK(room.log.lines().empty());
}
