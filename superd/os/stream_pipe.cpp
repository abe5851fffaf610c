// SPDX-License-Identifier: MIT
// pipe2(2), splice(2).
#include "superd/os/stream_pipe.hpp"

#include <fcntl.h>

#include <cerrno>

namespace superd {

Result<StreamPipe> open_stream_pipe(int size) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return system_error("pipe", errno);
  StreamPipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  fcntl(ends[1], F_SETPIPE_SZ, size);
  return pipe;
}

ssize_t splice_bytes(int from, int to, std::size_t most) {
  ssize_t moved = -1;
  do moved = splice(from, nullptr, to, nullptr, most, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  while (moved < 0 && errno == EINTR);
  return moved;
}

}  // namespace superd
