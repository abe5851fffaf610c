// SPDX-License-Identifier: MIT
// The key listen: a scalar, a mapping, or a list of them.
#pragma once

#include "superd/config/draft.hpp"
#include "superd/config/writer.hpp"

namespace superd {

void read_listen(const Value& value, Draft& draft);
NodePtr write_listen(const Draft& draft);

}  // namespace superd
