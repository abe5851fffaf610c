// SPDX-License-Identifier: MIT
// superctl: what an administrator asks without a running superd: is this table right, and what keys
// are there. (Talking to the daemon comes with its control socket.)
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "superd/base/text.hpp"
#include "superd/config/keys.hpp"
#include "superd/config/load.hpp"
#include "superd/os/this_host.hpp"
#include "superd/table_path.hpp"

namespace superd {
namespace {

int check(const std::string& given) {
  const std::string path = table_path(given);
  const Loaded loaded = load(path, ThisHost());
  for (const Diagnostic& one : loaded.diagnostics) std::fputs(to_text(one).c_str(), stderr);
  if (!loaded.table) return 2;
  std::printf("%s: %s: ok\n", path.c_str(), summary(*loaded.table).c_str());
  return 0;
}

void print(const KeyHelp& key) {
  const std::string section = key.section.empty() ? "" : std::string(key.section) + ": ";
  std::printf("%s%s: %s\n    %s", section.c_str(), std::string(key.name).c_str(),
              std::string(key.value).c_str(), std::string(key.help).c_str());
  if (!key.standard.empty()) std::printf(" (default: %s)", std::string(key.standard).c_str());
  std::printf("\n");
}

int no_such_key(const std::string& name) {
  std::vector<std::string_view> names;
  for (const KeyHelp& key : all_keys()) names.push_back(key.name);
  const auto close = nearest(name, names);
  const std::string hint =
      close ? "did you mean " + quote(*close) + "?" : "'superctl keys' lists all";
  std::fprintf(stderr, "superctl: there is no key %s; %s\n", quote(name).c_str(), hint.c_str());
  return 2;
}

int keys(const std::string& name) {
  bool found = false;
  for (const KeyHelp& key : all_keys()) {
    if (!name.empty() && key.name != name) continue;
    print(key);
    found = true;
  }
  return found ? 0 : no_such_key(name);
}

int superctl_main(int argc, char** argv) {
  CLI::App app{"superctl, the administrator's side of superd"};
  app.set_version_flag("--version", "superctl " SUPERD_VERSION);
  app.require_subcommand(1);
  std::string file, key;
  auto* checking = app.add_subcommand("check", "read a table and say what is wrong with it");
  checking->add_option("FILE", file, "default: the table that superd would read");
  auto* listing = app.add_subcommand("keys", "what can be written in a table");
  listing->add_option("KEY", key, "only this one");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    std::fprintf(stderr, "superctl: %s; see 'superctl --help'\n", e.what());
    return 2;
  }
  return checking->parsed() ? check(file) : keys(key);
}

}  // namespace
}  // namespace superd

int main(int argc, char** argv) {
  try {
    return superd::superctl_main(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "superctl: a bug: %s\n", e.what());
    return 1;
  }
}
