// SPDX-License-Identifier: MIT
// The verb forward: an address, a list of them, or a mapping with `to` and how it is done.
#pragma once

#include "superd/config/draft.hpp"
#include "superd/config/key.hpp"

namespace superd {

std::span<const Key<ForwardRules>> forward_keys();

void read_forward(const Value& value, Draft& draft);
NodePtr write_forward(const Draft& draft);

}  // namespace superd
