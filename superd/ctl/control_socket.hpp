// SPDX-License-Identifier: MIT
// Which socket superctl talks to.
#pragma once

#include <string>

#include "superd/base/result.hpp"

namespace superd {

/// `given` (of --socket), else $SUPERD_SOCKET, else the default of whoever asks. Error: there is no
/// default for them.
Result<std::string> control_socket(const std::string& given);

}  // namespace superd
