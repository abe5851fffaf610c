// SPDX-License-Identifier: MIT
// The log pipe.
#include "superd/os/log_pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "superd/os/descriptors.hpp"

namespace superd {

Result<LogPipe> open_log_pipe(std::optional<uid_t> owner) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return system_error("pipe", errno);
  UniqueFd read_end(ends[0]), write_end(ends[1]);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  if (owner && fchown(ends[1], *owner, static_cast<gid_t>(-1)) != 0)
    return system_error("give the log pipe to its user", errno);
  auto high_read = moved_high(std::move(read_end));
  if (!high_read) return high_read.error();
  auto high_write = moved_high(std::move(write_end));
  if (!high_write) return high_write.error();
  return LogPipe{std::move(*high_read), std::move(*high_write)};
}

Result<UniqueFd> open_null() {
  UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return system_error("/dev/null", errno);
  return moved_high(std::move(null));
}

}  // namespace superd
