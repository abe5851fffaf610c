// SPDX-License-Identifier: MIT
// The key rlimits: all of getrlimit(2).
#pragma once

#include "superd/config/draft.hpp"
#include "superd/config/writer.hpp"

namespace superd {

void read_rlimits(const Value& value, Draft& draft);
NodePtr write_rlimits(const Draft& draft);

}  // namespace superd
