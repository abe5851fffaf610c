// SPDX-License-Identifier: MIT
// The pipe on which a service's handlers find their descriptor 2. One per service, not per
// connection.
#pragma once

#include <sys/types.h>

#include <optional>

#include "superd/base/result.hpp"
#include "superd/os/fd.hpp"

namespace superd {

struct LogPipe {
  UniqueFd read_end;   // never blocks
  UniqueFd write_end;  // blocks: a talkative handler waits, not superd
};

/// Both ends at 64 or above. `owner` may open it again by name (>/dev/stderr in a shell).
/// Errors: EMFILE, ENFILE.
Result<LogPipe> open_log_pipe(std::optional<uid_t> owner);

/// /dev/null for handlers whose stderr is thrown away, at 64 or above.
Result<UniqueFd> open_null();

}  // namespace superd
