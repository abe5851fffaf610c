// SPDX-License-Identifier: MIT
// What parent and child of one launch share, and the child's side of it. The child runs in the
// parent's memory: no instrumentation, no libc, and it writes only what is below.
#pragma once

#include "superd/os/child_steps.hpp"

namespace superd {

struct LaunchChild {
  alignas(64) int released = 0;  // set by the child once it has its own descriptor table
  int alive = 0;                 // cleared by the kernel at exec or exit (CLONE_CHILD_CLEARTID)
  ChildFault fault;
  timespec exec_time{};  // CLOCK_MONOTONIC, set by the child just before exec
  ChildData data;
};

/// For clone(2), with a LaunchChild*. Never returns to the caller: exec, or exit with 127 and the
/// fault.
int launch_child(void* child);

}  // namespace superd
