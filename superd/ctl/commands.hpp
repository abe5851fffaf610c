// SPDX-License-Identifier: MIT
// The one table of superctl's commands: name, parameters, permission, help. The reader of the
// command line, --help, the completions and the manual page come from it; a test holds them
// together.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace superd {

/// What a word of the command line stands for; completion and the making of paths go by it.
enum class Means { word, service, key, service_key, file, program, shell };

/// How often it may be given.
enum class Times { once, optional, any, at_least_once };

struct Parameter {
  std::string_view name;   // "SERVICE", or an option: "--for"
  std::string_view value;  // what the option takes: "DURATION"; empty: it is a flag
  Means means = Means::word;
  Times times = Times::once;
  std::string_view help;

  bool is_option() const { return name.starts_with("--"); }
};

/// Whom a command needs: nobody, or a superd that lets the caller read or change.
enum class Needs { nothing, read, change };

struct Subcommand {
  std::string_view name;
  std::span<const Parameter> parameters;  // in the order the daemon reads them
  Needs needs = Needs::read;
  std::string_view help;  // one line
  std::string_view more;  // a paragraph, broken into lines; may be empty
};

/// Every command, in the order users read them.
std::span<const Subcommand> all_commands();

/// What holds for every command: --socket, --json, and those that end at once.
std::span<const Parameter> common_options();

/// The command of that name; null where there is none.
const Subcommand* find_command(std::string_view name);

/// "set SERVICE KEY VALUE [--for DURATION]".
std::string synopsis(const Subcommand& command);

}  // namespace superd
