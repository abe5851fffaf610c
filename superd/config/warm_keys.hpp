// SPDX-License-Identifier: MIT
// `warm`: a number, or a mapping with keys of its own.
#pragma once

#include <span>

#include "superd/config/draft.hpp"
#include "superd/config/key.hpp"

namespace superd {

void read_warm(const Value& value, Draft& draft);
NodePtr write_warm(const Draft& draft);

std::span<const Key<Warmth>> warm_keys();

}  // namespace superd
