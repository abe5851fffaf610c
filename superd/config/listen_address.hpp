// SPDX-License-Identifier: MIT
// What `listen` binds, as written: `[family:]address`, made into the addresses behind it.
#pragma once

#include <vector>

#include "superd/config/reader.hpp"
#include "superd/core/address.hpp"

namespace superd {

/// One address, or as many as a host name has; none after a fault, which is reported.
std::vector<BindAddress> read_bind_addresses(const Value& value);

}  // namespace superd
