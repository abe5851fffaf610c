// SPDX-License-Identifier: MIT
// The keys environment and pass_environment: what a handler gets besides what superd tells it.
#pragma once

#include "superd/config/draft.hpp"

namespace superd {

void read_environment(const Value& value, Draft& draft);
void read_pass_environment(const Value& value, Draft& draft);

}  // namespace superd
