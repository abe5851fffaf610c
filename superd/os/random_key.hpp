// SPDX-License-Identifier: MIT
// Keys for tables whose entries strangers choose.
#pragma once

#include "superd/base/keyed_hash.hpp"

namespace superd {

/// From getrandom(2), another one each time.
HashKey random_key();

}  // namespace superd
