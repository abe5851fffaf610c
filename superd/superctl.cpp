// SPDX-License-Identifier: MIT
// superctl: what an administrator asks without a running superd: is this table right, and what keys
// are there. (Talking to the daemon comes with its control socket.)
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "superd/config/keys.hpp"
#include "superd/config/load.hpp"
#include "superd/os/this_host.hpp"

namespace superd {
namespace {

int check(const std::string& path) {
  const Loaded loaded = load(path, ThisHost());
  for (const Diagnostic& one : loaded.diagnostics) std::fputs(to_text(one).c_str(), stderr);
  if (!loaded.table) return 2;
  std::printf("%s: ok\n", path.c_str());
  return 0;
}

void print(const KeyHelp& key) {
  const std::string section = key.section.empty() ? "" : std::string(key.section) + ": ";
  std::printf("%s%s: %s\n    %s", section.c_str(), std::string(key.name).c_str(),
              std::string(key.value).c_str(), std::string(key.help).c_str());
  if (!key.standard.empty()) std::printf(" (default: %s)", std::string(key.standard).c_str());
  std::printf("\n");
}

int keys(const std::string& name) {
  bool found = false;
  for (const KeyHelp& key : all_keys()) {
    if (!name.empty() && key.name != name) continue;
    print(key);
    found = true;
  }
  if (!found)
    std::fprintf(stderr, "superctl: there is no key '%s'; 'superctl keys' lists all\n",
                 name.c_str());
  return found ? 0 : 2;
}

int superctl_main(int argc, char** argv) {
  CLI::App app{"superctl, the administrator's side of superd"};
  app.set_version_flag("--version", "superctl " SUPERD_VERSION);
  app.require_subcommand(1);
  std::string file = "/etc/superd/superd.yaml", key;
  auto* checking = app.add_subcommand("check", "read a table and say what is wrong with it");
  checking->add_option("FILE", file, "default: " + file);
  auto* listing = app.add_subcommand("keys", "what can be written in a table");
  listing->add_option("KEY", key, "only this one");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
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
