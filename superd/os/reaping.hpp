// SPDX-License-Identifier: MIT
// How children end, and how they are made to. A pid is used only for a child that isn't reaped yet:
// until then it can't be another's.
#pragma once

#include <sys/types.h>

#include <optional>

#include "superd/core/event.hpp"

namespace superd {

/// One ended child, from wait4(2).
struct Reaped {
  pid_t pid = 0;
  Exit exit;  // without its duration
};

/// Whether `pid` has ended and is still there to be reaped: it and its group are still its own. -1
/// asks for any child and costs time for each one there is; the pid is the answer.
std::optional<pid_t> ended_child(pid_t pid);

/// Reaps `pid`, or whichever has ended (-1, at the same cost). Absent where none has.
std::optional<Reaped> reap(pid_t pid);

/// Sends `signal` to the child's process group, or to the child alone before it has one.
void signal_group(pid_t pid, int signal);

}  // namespace superd
