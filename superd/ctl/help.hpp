// SPDX-License-Identifier: MIT
// The table of commands as --help prints it.
#pragma once

#include <string>

#include "superd/ctl/commands.hpp"

namespace superd {

/// What superctl --help prints: the commands with a line each, the options, the exit status.
std::string help_text();

/// What superctl COMMAND --help prints.
std::string help_text(const Subcommand& command);

}  // namespace superd
