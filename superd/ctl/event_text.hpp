// SPDX-License-Identifier: MIT
// One event, which superd tells as JSON, as the line its log would have.
#pragma once

#include <string>

#include "superd/ctl/json.hpp"

namespace superd {

/// "2026-11-22 10:00:00.000 info service 'hello': ended connection=7 exit=0 duration=12ms", without
/// a line end; events of later versions too, whose members are shown as they are.
std::string event_text(const Json& event);

}  // namespace superd
