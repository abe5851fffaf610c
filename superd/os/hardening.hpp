// SPDX-License-Identifier: MIT
// What keeps the process with privileges out of its handlers' reach.
#pragma once

#include "superd/base/result.hpp"

namespace superd {

/// Makes superd non-dumpable. A child that has become its user shares superd's memory until exec:
/// nobody may trace it then. Error: fs.suid_dumpable is 1, which would make both traceable again at
/// the child's setuid. Call as root only; for others there is no border to keep.
Result<void> close_to_tracers();

}  // namespace superd
