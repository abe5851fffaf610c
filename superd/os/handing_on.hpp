// SPDX-License-Identifier: MIT
// Becoming another program in the same process: exec, with what must live through it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "superd/base/result.hpp"
#include "superd/os/fd.hpp"

namespace superd {

/// A file in memory with `content`; close-on-exec, at 64 or above.
Result<UniqueFd> memory_file(std::string_view content);

/// Another open file description of it that can only be read, from its beginning.
Result<UniqueFd> reopened_to_read(int memory_file);

/// All that a regular or memory file holds, whatever its offset.
Result<std::string> whole_content(int fd);

/// Becomes `program` with the environment of this process and `variable` ("NAME=VALUE") besides, in
/// `directory`, with `descriptors` open. Returns only where that failed: then nothing has changed.
Error become(const std::string& program, const std::vector<std::string>& arguments,
             const std::string& variable, const std::string& directory,
             std::span<const int> descriptors);

}  // namespace superd
