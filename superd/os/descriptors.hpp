// SPDX-License-Identifier: MIT
// How superd lays out its descriptors: a launch copies only what is below 64, so what there is one
// of per service (listeners, log pipes) lives at 64 and above, and a launch costs the same with 1
// and with 10,000 services.
#pragma once

#include <sys/resource.h>

#include "superd/base/result.hpp"
#include "superd/os/fd.hpp"

namespace superd {

inline constexpr int first_high_descriptor = 64;

/// Moves `fd` to 64 or above, close-on-exec. Error: EMFILE.
Result<UniqueFd> moved_high(UniqueFd fd);

/// A second descriptor below 64, close-on-exec: for a launch. Error: EMFILE, also where none is
/// free there.
Result<UniqueFd> low_copy(int fd);

/// Whether system calls on it wait, for whoever shares the open file, too.
void let_wait(int fd, bool waits);

/// Whether something can be read, or somebody accepted, at this moment. An error is neither.
bool has_arrivals(int fd);

/// Opens /dev/null on whichever of 0, 1 and 2 is closed, so that no socket ever lands there.
void fill_standard_descriptors();

/// Marks whatever superd was started with beyond 0, 1 and 2 as close-on-exec: no handler inherits
/// it.
void hide_inherited_descriptors();

/// Raises the soft limit of open descriptors to the hard one and returns what it was before;
/// children get that.
rlimit raise_descriptor_limit();

}  // namespace superd
