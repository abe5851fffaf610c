// SPDX-License-Identifier: MIT
// The key run: a command as a list, or as a string split like a shell splits words.
#pragma once

#include "superd/config/draft.hpp"
#include "superd/config/writer.hpp"

namespace superd {

void read_run(const Value& value, Draft& draft);
NodePtr write_run(const Draft& draft);

}  // namespace superd
