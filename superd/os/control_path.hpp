// SPDX-License-Identifier: MIT
// Where the control socket is when nobody says otherwise: the daemon makes it there, superctl looks
// for it there.
#pragma once

#include <optional>
#include <string>

namespace superd {

/// root: /run/superd/control.sock. Others: superd/control.sock in $XDG_RUNTIME_DIR, else in
/// /run/user/UID; absent where there is neither, so that no path that anybody could take (in /tmp)
/// is ever trusted.
std::optional<std::string> default_control_path();

}  // namespace superd
