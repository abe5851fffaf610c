// SPDX-License-Identifier: MIT
// Notices that interfaces or addresses of this machine come and go (rtnetlink(7)). What exactly has
// changed isn't told: whoever waits for an address tries it.
#pragma once

#include "superd/base/result.hpp"
#include "superd/os/fd.hpp"

namespace superd {

/// A descriptor that can be read when something has changed.
Result<UniqueFd> watch_addresses();

/// Takes what has been told so far. True: something has changed, or so much that the kernel lost
/// count.
bool addresses_have_changed(int watch);

}  // namespace superd
