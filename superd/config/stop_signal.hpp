// SPDX-License-Identifier: MIT
// The key stop_signal: TERM, SIGTERM or 15.
#pragma once

#include "superd/config/draft.hpp"
#include "superd/config/writer.hpp"

namespace superd {

void read_stop_signal(const Value& value, Draft& draft);
NodePtr write_stop_signal(const Draft& draft);

}  // namespace superd
