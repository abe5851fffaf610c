// SPDX-License-Identifier: MIT
// What a reload would change, or has changed, for people.
#pragma once

#include <string>

#include "superd/ctl/json.hpp"

namespace superd {

/// A line for each socket opened, closed or moved and each service added, removed or changed; "no
/// change" where there is none. The sockets that stay are counted in the last line.
std::string diff_text(const Json& diff);

}  // namespace superd
