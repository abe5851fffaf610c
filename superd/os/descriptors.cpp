// SPDX-License-Identifier: MIT
// Descriptor layout.
#include "superd/os/descriptors.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace superd {

Result<UniqueFd> moved_high(UniqueFd fd) {
  const int high = fcntl(fd.get(), F_DUPFD_CLOEXEC, first_high_descriptor);
  if (high < 0) return system_error("no free descriptor", errno);
  return UniqueFd(high);
}

Result<UniqueFd> low_copy(int fd) {
  UniqueFd low(fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!low) return system_error("no free descriptor", errno);
  if (low.get() >= first_high_descriptor) return system_error("no free descriptor", EMFILE);
  return low;
}

void let_wait(int fd, bool waits) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags >= 0) fcntl(fd, F_SETFL, waits ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

bool has_arrivals(int fd) {
  pollfd one{.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&one, 1, 0) > 0 && (one.revents & POLLIN) != 0;
}

void fill_standard_descriptors() {
  int fd = open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= 2) fd = open("/dev/null", O_RDWR);
  if (fd > 2) close(fd);
}

// Only a second guard: a child closes all from 3 on itself, where the kernel lets it.
void hide_inherited_descriptors() { close_range(3, ~0U, CLOSE_RANGE_CLOEXEC); }

rlimit raise_descriptor_limit() {
  rlimit original{};
  getrlimit(RLIMIT_NOFILE, &original);
  const rlimit raised{original.rlim_max, original.rlim_max};
  setrlimit(RLIMIT_NOFILE, &raised);  // up to the hard limit is always allowed
  return original;
}

}  // namespace superd
