// SPDX-License-Identifier: MIT
// The scripts hold what the tables hold; that shells understand them is tested end to end.
#include "superd/ctl/completion.hpp"

#include <algorithm>

#include "superd/ctl/commands.hpp"
#include "tests/catch.hpp"

using namespace superd;

TEST_CASE("both scripts know every command and every option") {
  for (const char* shell : {"bash", "zsh"}) {
    const std::string script = *completion_script(shell);
    for (const Subcommand& command : all_commands()) {
      CAPTURE(shell, command.name);
      CHECK_THAT(script, Catch::Contains("    " + std::string(command.name) + ")"));
      for (const Parameter& one : command.parameters) {
        if (one.is_option()) CHECK_THAT(script, Catch::Contains(std::string(one.name)));
      }
    }
    for (const Parameter& one : common_options())
      CHECK_THAT(script, Catch::Contains(std::string(one.name).substr(2)));
  }
}

TEST_CASE("keys are named once, and set knows only those of services") {
  auto all = all_key_names();
  const auto services = service_key_names();
  const auto has = [](const auto& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  CHECK(has(all, "stop_after"));
  CHECK(has(services, "timeout"));
  CHECK(!has(services, "stop_after"));
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_CASE("another shell is told what there is") {
  CHECK(completion_script("fish").error().text ==
        "there is no completion for 'fish'; give bash or zsh");
}
