// SPDX-License-Identifier: MIT
// What a program of superd's own gives up before it looks at what strangers had a hand in.
#pragma once

#include "superd/base/result.hpp"

namespace superd {

/// For good: no capabilities of any kind, none to be gained by exec (no_new_privs), and out of
/// reach for other programs of the same user, whom the kernel would let trace this one. Errors:
/// EPERM where it runs as root, which can take all of it back.
Result<void> confine_process();

/// Nothing of the file system can be opened, made or removed any more (landlock(7)); UNIX sockets
/// can be connected to still. After confine_process(). False: this kernel has no Landlock.
Result<bool> close_file_system();

}  // namespace superd
