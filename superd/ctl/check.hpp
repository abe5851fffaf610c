// SPDX-License-Identifier: MIT
// What reading a table gave, as superctl check prints it.
#pragma once

#include <string>

#include "superd/config/load.hpp"
#include "superd/ctl/json.hpp"

namespace superd {

/// {"ok":true,"table":PATH,"services":N,"listeners":N,"diagnostics":TEXT,"faults":[…]}, and for a
/// table that is wrong {"ok":false,"status":2,"error":…,"table":…,"diagnostics":…,"faults":…}.
/// A fault: {"severity":"error","file":…,"line":7,"column":12,"message":…}; only what is enabled
/// is counted.
Json check_json(const std::string& path, const Loaded& loaded);

}  // namespace superd
