// SPDX-License-Identifier: MIT
// One request from superctl's command line to the end: asked, printed, judged. It prints, once and
// all: results on the standard output, complaints on the standard error.
#pragma once

#include "superd/ctl/answer.hpp"
#include "superd/ctl/request.hpp"

namespace superd {

/// With `request.json` all goes to the standard output as superd sent it, failures too.
Verdict ask(const Request& request, const std::string& socket);

/// Prints a failure of superctl's own the same way.
Verdict complain(const Error& error, bool json);

}  // namespace superd
