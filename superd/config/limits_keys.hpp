// SPDX-License-Identifier: MIT
// The keys of `limits`, and of its `source_prefix`. Each limit can be `unlimited`.
#pragma once

#include <span>

#include "superd/config/key.hpp"
#include "superd/core/limits.hpp"

namespace superd {

std::span<const Key<Limits>> limits_keys();
std::span<const Key<SourcePrefix>> source_prefix_keys();

}  // namespace superd
