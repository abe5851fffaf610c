// SPDX-License-Identifier: MIT
// What processes use at this moment, from /proc. A pid is asked for only while its child isn't
// reaped: until then it can't be another's.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "superd/base/number.hpp"

namespace superd {

struct ProcessUsage {
  Milliseconds cpu{0};                // of all its threads, without its children
  std::uint64_t resident_memory = 0;  // bytes
};

/// Of process `pid` alone, not of its group. Three system calls and no allocation, so that
/// thousands can be asked. Absent where there is no such process, or no /proc to read it from; one
/// that has ended but isn't reaped has no memory left.
std::optional<ProcessUsage> usage_of(pid_t pid);

/// Of superd itself; what can't be learned is 0.
struct OwnUsage {
  ProcessUsage process;
  std::uint64_t open_descriptors = 0;
  std::uint64_t descriptor_limit = 0;  // RLIMIT_NOFILE, the soft one
};

OwnUsage own_usage();

}  // namespace superd
