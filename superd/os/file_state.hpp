// SPDX-License-Identifier: MIT
// Whether a file is still the one it was.
#pragma once

#include <string>

namespace superd {

/// What changes when the file does (inode, size, times), in no form of interest; empty where it
/// can't be read.
std::string file_state(const std::string& path);

}  // namespace superd
