// SPDX-License-Identifier: MIT
// Who waits at a UNIX socket of connections, as the kernel tells (sock_diag(7), UDIAG_SHOW_ICONS).
#pragma once

#include <set>
#include <string>

#include "superd/base/result.hpp"

namespace superd {

/// The inodes of the sockets that wait to be accepted at `listening`. Errors: the kernel has no
/// unix_diag, or doesn't answer in time.
Result<std::set<std::string>> who_waits_at_unix(int listening);

}  // namespace superd
