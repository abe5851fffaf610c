// SPDX-License-Identifier: MIT
// Two columns: a name, and what it is.
#include "superd/ctl/help.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace superd {
namespace {

// What each needs of superd, as a sentence; order of Needs.
constexpr std::string_view permissions[] = {
    "Needs no running superd.",
    "Needs the permission to read (daemon.control_access).",
    "Needs the permission to change (daemon.control_access).",
};

std::string form_of(const Parameter& one) {
  std::string form = one.name == "--help" ? "-h," : "";
  form += one.name;
  if (!one.value.empty()) form.append(" ").append(one.value);
  return form;
}

std::string row(std::string_view name, std::size_t width, std::string_view help) {
  std::string text = "  ";
  text.append(name).append(width - std::min(width, name.size()) + 2, ' ');
  return text.append(help).append("\n");
}

std::string rows(std::string_view heading, std::span<const Parameter> parameters, bool options) {
  std::size_t width = 0;
  for (const Parameter& one : parameters) {
    if (one.is_option() == options) width = std::max(width, form_of(one).size());
  }
  if (width == 0) return {};
  std::string text = fmt::format("\n{}:\n", heading);
  for (const Parameter& one : parameters) {
    if (one.is_option() == options) text += row(form_of(one), width, one.help);
  }
  return text;
}

}  // namespace

std::string help_text() {
  std::string text =
      "superctl, the administrator's side of superd\n"
      "\n"
      "Usage: superctl [OPTIONS] COMMAND [ARGUMENTS]\n"
      "\nCommands:\n";
  std::size_t width = 0;
  for (const Subcommand& one : all_commands()) width = std::max(width, one.name.size());
  for (const Subcommand& one : all_commands()) text += row(one.name, width, one.help);
  text += rows("Options", common_options(), true);
  text +=
      "\n'superctl COMMAND --help' tells its arguments.\n"
      "The socket: --socket, else $SUPERD_SOCKET, else daemon.control of the table.\n"
      "Exit status: 0 fine, 1 it failed, 2 the command line or a table is wrong,\n"
      "3 not permitted, 4 no superd is there.\n";
  return text;
}

std::string help_text(const Subcommand& command) {
  std::string text = fmt::format("superctl {}: {}\n\nUsage: superctl {}\n", command.name,
                                 command.help, synopsis(command));
  text += rows("Arguments", command.parameters, false);
  text += rows("Options", command.parameters, true);
  text += "\n";
  if (!command.more.empty()) text.append(command.more).append("\n");
  return text.append(permissions[static_cast<std::size_t>(command.needs)]).append("\n");
}

}  // namespace superd
