// SPDX-License-Identifier: MIT
// The paths that `include` stands for, and the chain of files that are being read.
#pragma once

#include <string>
#include <vector>

#include "superd/base/result.hpp"

namespace superd {

bool is_glob(const std::string& pattern);

/// The paths that `pattern` matches, in name order; itself where it is no glob. A relative one
/// begins at the directory of `file`, which is kept as it is written, so that messages name files
/// as users do.
std::vector<std::string> expand_include(const std::string& pattern, const std::string& file);

}  // namespace superd
