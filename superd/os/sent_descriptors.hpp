// SPDX-License-Identifier: MIT
// Descriptors that came along with a message, SCM_RIGHTS of unix(7).
#pragma once

#include <sys/socket.h>

#include <vector>

#include "superd/os/fd.hpp"

namespace superd {

/// Those that `note` of a received message brings; none of another kind. They are this process's
/// whether it wants them or not: whoever ignores the answer closes them.
std::vector<UniqueFd> descriptors_in(const cmsghdr& note);

}  // namespace superd
