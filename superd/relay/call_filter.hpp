// SPDX-License-Identifier: MIT
// Which system calls superd-relay makes, and what becomes of others: the kernel ends it.
#pragma once

#include "superd/base/result.hpp"

namespace superd {

/// For good, as seccomp(2) has it: from here on this process can neither open a file nor start a
/// program, nor make a socket of another kind than it connects with. After confine_process().
Result<void> filter_calls();

}  // namespace superd
