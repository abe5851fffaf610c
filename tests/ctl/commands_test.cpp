// SPDX-License-Identifier: MIT
// The table of commands, and the help made from it.
#include "superd/ctl/commands.hpp"

#include <set>
#include <vector>

#include "superd/core/control_request.hpp"
#include "superd/ctl/help.hpp"
#include "tests/catch.hpp"

using namespace superd;

TEST_CASE("a synopsis shows what must be given, what may, and what may be given often") {
  struct Row {
    const char* command;
    const char* synopsis;
  };
  const Row row = GENERATE(values<Row>({
      {"status", "status [--active] [SERVICE ...]"},
      {"pause", "pause SERVICE ..."},
      {"stop", "stop SERVICE|PID"},
      {"set", "set SERVICE KEY VALUE [--for DURATION]"},
      {"events", "events [--follow] [--service NAME]"},
      {"reload", "reload"},
  }));
  CAPTURE(row.command);
  REQUIRE(find_command(row.command));
  CHECK(synopsis(*find_command(row.command)) == row.synopsis);
}

TEST_CASE("each command is there once, and its help is one line without a period") {
  std::set<std::string_view> names;
  for (const Subcommand& command : all_commands()) {
    CAPTURE(command.name);
    CHECK(names.insert(command.name).second);
    CHECK(!command.help.empty());
    CHECK(command.help.find('\n') == std::string_view::npos);
    CHECK(command.help.back() != '.');
  }
  CHECK(!find_command("stat"));
}

TEST_CASE("help fits a terminal of 80 columns") {
  std::string all = help_text();
  for (const Subcommand& command : all_commands()) all += help_text(command);
  std::size_t begin = 0;
  for (std::size_t end; (end = all.find('\n', begin)) != std::string::npos; begin = end + 1) {
    CAPTURE(all.substr(begin, end - begin));
    CHECK(end - begin <= 80);
  }
}

TEST_CASE("superctl and superd agree on what a command needs and which options it has") {
  for (const CommandShape& shape : command_shapes()) {
    CAPTURE(shape.name);
    const Subcommand* command = find_command(shape.name);
    REQUIRE(command);
    CHECK(command->needs == (shape.access == Access::read ? Needs::read : Needs::change));
    std::vector<std::string_view> here, there;
    for (const Parameter& one : command->parameters) {
      if (one.is_option() && one.name != "--config") here.push_back(one.name);  // never sent
    }
    for (const CommandOption& one : shape.options) there.push_back(one.name);
    CHECK(here == there);
  }
}
