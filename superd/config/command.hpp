// SPDX-License-Identifier: MIT
// The verbs run and activate: a command as a list, or as a string split like a shell splits words.
#pragma once

#include "superd/config/draft.hpp"
#include "superd/config/writer.hpp"

namespace superd {

void read_run(const Value& value, Draft& draft);
NodePtr write_run(const Draft& draft);
void read_activate(const Value& value, Draft& draft);
NodePtr write_activate(const Draft& draft);

}  // namespace superd
