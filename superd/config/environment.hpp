// SPDX-License-Identifier: MIT
// The keys environment and pass_environment: what a handler gets besides what superd tells it.
#pragma once

#include "superd/config/draft.hpp"
#include "superd/config/writer.hpp"

namespace superd {

void read_environment(const Value& value, Draft& draft);
NodePtr write_environment(const Draft& draft);
void read_pass_environment(const Value& value, Draft& draft);
NodePtr write_pass_environment(const Draft& draft);

}  // namespace superd
