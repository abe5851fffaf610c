// SPDX-License-Identifier: MIT
// Requests: what is understood, what is refused and how, and that the table is whole.
#include "superd/core/control_request.hpp"

#include <set>

#include "tests/telling.hpp"

using namespace superd;

namespace {

using Words = std::vector<std::string>;

ControlRequest request(Command command, Words arguments = {}) {
  ControlRequest made;
  made.command = command;
  made.arguments = std::move(arguments);
  return made;
}

std::string error_of(std::string_view line) {
  const auto parsed = parse_control_request(line);
  return parsed ? "none" : parsed.error().text;
}

}  // namespace

TEST_CASE("requests that are understood") {
  ControlRequest active = request(Command::status, {"a", "b"});
  active.active = true;
  ControlRequest follow = request(Command::events);
  follow.follow = true;
  follow.service = "hello";
  ControlRequest timed = request(Command::set, {"a", "timeout", "10s"});
  timed.duration = Milliseconds(3'600'000);
  struct Row {
    std::string line;
    ControlRequest request;
  };
  const Row rows[] = {
      {"status", request(Command::status)},
      {"  status\t", request(Command::status)},
      {"status a --active b", active},
      {"status --active -- a b", active},
      {"events --follow --service hello", follow},
      {"events --service 'hello' --follow", follow},
      {"set a timeout 10s --for 1h", timed},
      {"set --for 1h a timeout 10s", timed},
      {"set a argv0 'two words'", request(Command::set, {"a", "argv0", "two words"})},
      {"set a argv0 ''", request(Command::set, {"a", "argv0", ""})},
      {"set a nice -5", request(Command::set, {"a", "nice", "-5"})},
      {"set -- a argv0 --odd", request(Command::set, {"a", "argv0", "--odd"})},
      {"set -- a argv0 --", request(Command::set, {"a", "argv0", "--"})},
      {"unset a", request(Command::unset, {"a"})},
      {"unset a timeout", request(Command::unset, {"a", "timeout"})},
      {"diff", request(Command::diff)},
      {"diff /etc/superd/next.yaml", request(Command::diff, {"/etc/superd/next.yaml"})},
      {"stop 4711", request(Command::stop, {"4711"})},
      {"pause a b c", request(Command::pause, {"a", "b", "c"})},
      {"upgrade", request(Command::upgrade)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    const auto parsed = parse_control_request(row.line);
    REQUIRE(parsed);
    CHECK(*parsed == row.request);
  }
}

TEST_CASE("requests that are refused, and what is said") {
  struct Row {
    std::string line, error;
  };
  const Row rows[] = {
      {"", "the request is empty; give a command, such as 'status'"},
      {"  ", "the request is empty; give a command, such as 'status'"},
      {"statsu", "there is no command 'statsu'; did you mean 'status'?"},
      {"''",
       "there is no command ''; there is status, ps, events, show, metrics, diff, explain, bans, "
       "reload, pause, resume, stop, set, unset, ban, unban, drain, shutdown, upgrade"},
      {"GET / HTTP/1.1\r", "there is no command 'GET'; did you mean 'set'?"},
      {"status\r", "there is no command 'status\\r'; did you mean 'status'?"},
      {"\x1B[31m\xFF\xFE!",
       "there is no command '\\x1b[31m\\xff\\xfe!'; there is status, ps, events, show, metrics, "
       "diff, explain, bans, reload, pause, resume, stop, set, unset, ban, unban, drain, shutdown, "
       "upgrade"},
      {"status 'a", "the request can't be split into words: close the single quote"},
      {"status a\\",
       "the request can't be split into words: remove the backslash at the end, or double it"},
      {"status --actve", "'status' has no option '--actve'; did you mean '--active'?"},
      {"events --x", "'events' has no option '--x'; there is --follow, --service"},
      {"ps --active", "'ps' has no option '--active'"},
      {"status --active=yes", "'status' has no option '--active=yes'; did you mean '--active'?"},
      {"events --service", "give '--service' a value: --service NAME"},
      {"events hello", "'events' takes no arguments, and was given 1 argument"},
      {"pause", "'pause' takes SERVICE…, and was given no argument"},
      {"stop a b", "'stop' takes SERVICE or PID, and was given 2 arguments"},
      {"set a b", "'set' takes SERVICE KEY VALUE, and was given 2 arguments"},
      {"unset a b c", "'unset' takes SERVICE [KEY], and was given 3 arguments"},
      {"diff a b", "'diff' takes [FILE], and was given 2 arguments"},
      {"set a b c --for 10",
       "'--for' is '10'; give a number and a unit: 500ms, 10s, 5min, 2h or 1d"},
      {std::string("status\0", 7), "a request is text, and this one holds a NUL byte"},
      {std::string(longest_control_request + 1, 'x'), "a request has at most 64 KiB"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line.substr(0, 40));
    CHECK(error_of(row.line) == row.error);
  }
}

TEST_CASE("a request as long as it may be is read, whatever it is") {
  const std::string word(longest_control_request, 'x');
  CHECK(error_of(word).size() < 300);
  std::string many = "pause";
  while (many.size() + 2 <= longest_control_request) many += " a";
  const auto parsed = parse_control_request(many);
  REQUIRE(parsed);
  CHECK(parsed->arguments.size() > 32'000);
  CHECK(error_of(std::string(longest_control_request, '\'')).size() < 300);
  CHECK(error_of(std::string(longest_control_request, '\\')).size() < 300);
}

TEST_CASE("what needs which access") {
  struct Row {
    std::string line;
    Access access;
  };
  const Row rows[] = {
      {"status", Access::read},      {"status a", Access::read},
      {"ps", Access::read},          {"events --follow", Access::read},
      {"show", Access::read},        {"metrics", Access::read},
      {"diff", Access::read},        {"diff /etc/shadow", Access::change},
      {"reload", Access::change},    {"pause a", Access::change},
      {"resume a", Access::change},  {"stop a", Access::change},
      {"set a b c", Access::change}, {"unset a", Access::change},
      {"drain", Access::change},     {"shutdown", Access::change},
      {"upgrade", Access::change},   {"upgrade /usr/sbin/superd", Access::change},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    const auto parsed = parse_control_request(row.line);
    REQUIRE(parsed);
    CHECK(needed_access(*parsed) == row.access);
  }
}

TEST_CASE("the table has every command once") {
  std::set<Command> commands;
  std::set<std::string_view> names;
  for (const CommandShape& shape : command_shapes()) {
    commands.insert(shape.command);
    names.insert(shape.name);
    CHECK(shape_of(shape.command).name == shape.name);
    CHECK(shape.fewest <= shape.most);
    CHECK(shape.access <= shape.access_with_arguments);
    CHECK(shape.arguments.empty() == (shape.most == 0));
  }
  CHECK(commands.size() == static_cast<std::size_t>(Command::upgrade) + 1);
  CHECK(names.size() == commands.size());
}
