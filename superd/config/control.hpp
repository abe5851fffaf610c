// SPDX-License-Identifier: MIT
// Where the control socket of a table is, for who only wants to ask: the rest of the table isn't
// checked, and may be wrong.
#pragma once

#include <optional>
#include <string>

#include "superd/core/host.hpp"
#include "superd/core/service.hpp"

namespace superd {

/// `daemon.control` of the main file `table_path`, the standard where it isn't written; without
/// `control_access`. Absent if the file can't be read, is no YAML, or the key is faulty.
std::optional<ControlSettings> control_settings_of(const std::string& table_path, const Host& host);

}  // namespace superd
