// SPDX-License-Identifier: MIT
// Which socket superctl talks to.
#pragma once

#include <string>

#include "superd/base/result.hpp"
#include "superd/core/host.hpp"

namespace superd {

/// `given` (of --socket), else $SUPERD_SOCKET, else `daemon.control` of the table, else the default
/// of whoever asks. Error: the table says `none`, or there is no default for them.
Result<std::string> which_socket(const std::string& given, const std::string& table,
                                 const Host& host);

}  // namespace superd
