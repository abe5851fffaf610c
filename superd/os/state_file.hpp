// SPDX-License-Identifier: MIT
// A file that superd keeps something in between its lives: replaced as a whole, or not at all.
#pragma once

#include <optional>
#include <string>

#include "superd/base/result.hpp"

namespace superd {

/// Where state is kept when the table doesn't say: $STATE_DIRECTORY of a service manager,
/// /var/lib/superd for root, $XDG_STATE_HOME/superd or ~/.local/state/superd for others. Absent:
/// nowhere.
std::optional<std::string> default_state_directory();

/// The content; empty where there is no such file. Errors: it can't be read, or is larger than
/// 64 MiB.
Result<std::string> read_state_file(const std::string& path);

/// Writes beside it, makes sure that it is on disk, and puts it in its place, 0600; makes the
/// directory (0700) where it is missing. Blocks as long as the disk does. Errors: the step and its
/// errno; then the old content is there still.
Result<void> write_state_file(const std::string& path, const std::string& content);

}  // namespace superd
