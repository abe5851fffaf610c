// SPDX-License-Identifier: MIT
// Options through CLI11.
#include "superd/options.hpp"

#include <CLI/CLI.hpp>

#include "superd/server/upgrade.hpp"

namespace superd {
namespace {

const std::map<std::string, LogLevel> level_names{{"debug", LogLevel::debug},
                                                  {"info", LogLevel::info},
                                                  {"warning", LogLevel::warning},
                                                  {"error", LogLevel::error}};

struct Words {
  Options options;
  std::string level;
  std::string user;
};

void describe(CLI::App& app, Words& words) {
  Options& o = words.options;
  app.set_version_flag("--version", "superd " SUPERD_VERSION);
  app.add_option(
         "--config", o.config,
         "the table; default /etc/superd/superd.yaml, or conf/superd.yaml beside the build tree")
      ->type_name("FILE")
      ->take_last();
  app.add_flag("--check", o.check, "read the table, say what is wrong with it, and end");
  app.add_option("--pidfile", o.pidfile, "write the process id to FILE")->type_name("FILE");
  app.add_flag("--daemonize", o.daemonize,
               "go into the background; what would be logged to stderr goes to syslog");
  app.add_option("--log-level", words.level, "debug, info, warning or error")
      ->check(CLI::IsMember(level_names))
      ->type_name("LEVEL");
  app.add_option(
         "--control", o.control,
         "where superctl reaches superd, instead of what the table says; 'none' for nowhere")
      ->type_name("PATH");
  app.add_flag(check_upgrade_option, o.check_upgrade)->group("");  // hidden: superd's own
  auto* listen = app.add_option("--listen", o.service.listen,
                                "serve PROGRAM on ADDRESS, without a table; may be given often")
                     ->type_name("ADDRESS")
                     ->allow_extra_args(false);
  app.add_option("--user", words.user, "who PROGRAM runs as")->type_name("USER")->needs(listen);
  app.add_option("PROGRAM", o.service.command, "after '--': the program and its arguments")
      ->needs(listen);
  app.footer(
      "Signals: TERM or INT finish and end, twice stop, three times kill;\n"
      "HUP reloads the table, USR2 upgrades superd in place, USR1 reopens the log.\n"
      "Exit status: 0 fine, 1 can't serve, 2 the table or the command line is wrong.");
}

std::optional<std::string> fault(const Options& o) {
  if (!o.service.listen.empty() && o.service.command.empty())
    return "--listen needs the program to run, after '--': superd --listen 7001 -- cat";
  if (!o.service.listen.empty() && !o.config.empty())
    return "--listen and --config exclude each other: one program, or a table";
  return std::nullopt;
}

}  // namespace

std::variant<Options, int> parse_options(int argc, char** argv) {
  CLI::App app{
      "superd, the super-server: listens on many ports and starts a program for each connection."};
  Words words;
  describe(app, words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    std::fprintf(stderr, "superd: %s; see 'superd --help'\n", e.what());
    return 2;
  }
  if (const auto wrong = fault(words.options)) {
    std::fprintf(stderr, "superd: %s\n", wrong->c_str());
    return 2;
  }
  if (!words.level.empty()) words.options.log_level = level_names.at(words.level);
  if (!words.user.empty()) words.options.service.user = words.user;
  return words.options;
}

}  // namespace superd
