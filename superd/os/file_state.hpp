// SPDX-License-Identifier: MIT
// Whether a file is still the one it was.
#pragma once

#include <string>

#include "superd/base/result.hpp"

namespace superd {

/// What changes when the file does (inode, size, times), in no form of interest. Error: it can't be
/// read.
Result<std::string> file_state(const std::string& path);

}  // namespace superd
