// SPDX-License-Identifier: MIT
// What can be written in a table, as superctl keys prints it; the table of keys is config's.
#pragma once

#include <string>

#include "superd/base/result.hpp"
#include "superd/ctl/json.hpp"

namespace superd {

/// Two lines for each key of that name, in every section that has it; all keys where it is empty.
/// Error: there is none, with the nearest spelling.
Result<std::string> keys_text(const std::string& name);

/// The same as {"ok":true,"keys":[{"section":…,"name":…,"value":…,"default":…,"help":…}]};
/// "default" is null where there is none.
Result<Json> keys_json(const std::string& name);

}  // namespace superd
