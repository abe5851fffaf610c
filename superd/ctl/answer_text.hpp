// SPDX-License-Identifier: MIT
// What superd answered to a request, as people read it.
#pragma once

#include <optional>
#include <string>

#include "superd/ctl/answer.hpp"
#include "superd/ctl/request.hpp"
#include "superd/ctl/text.hpp"

namespace superd {

/// For the standard output; safe on a terminal. `width` is the terminal's, absent for a pipe. Of
/// `events` it is empty: those follow line by line.
std::string answer_text(const Request& request, const Json& answer, SystemTime now,
                        std::optional<std::size_t> width);

/// For the standard error: diagnostics as --check prints them, warnings, the error.
std::string complaint_text(const Json& answer);

}  // namespace superd
