// SPDX-License-Identifier: MIT
// superctl's command line, read by the table of its commands.
#pragma once

#include <variant>

#include "superd/ctl/request.hpp"

namespace superd {

/// The request, or superctl's exit status: 0 after --help and --version, 2 for wrong usage, which
/// has been told. Paths of files and programs are absolute, for superd has another directory.
std::variant<Request, int> parse_superctl_options(int argc, char** argv);

}  // namespace superd
