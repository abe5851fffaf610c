// SPDX-License-Identifier: MIT
// A pipe that bytes go through on their way from one socket to another without being copied
// (splice(2)).
#pragma once

#include <sys/types.h>

#include <cstddef>

#include "superd/base/result.hpp"
#include "superd/os/fd.hpp"

namespace superd {

struct StreamPipe {
  UniqueFd read_end, write_end;
};

/// Never blocks, close-on-exec; with room for `size` bytes, or less where this user has many of
/// them (pipe(7)). Errors: EMFILE, ENFILE.
Result<StreamPipe> open_stream_pipe(int size);

/// Moves at most `most` bytes. -1: errno says why; EAGAIN also where it would have to wait.
ssize_t splice_bytes(int from, int to, std::size_t most);

}  // namespace superd
