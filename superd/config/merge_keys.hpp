// SPDX-License-Identifier: MIT
// YAML's merge key (yaml.org/type/merge.html): `<<: *base` adds the entries that a mapping lacks.
#pragma once

#include "superd/config/node.hpp"
#include "superd/config/report.hpp"

namespace superd {

/// Replaces the `<<` entries of `mapping` by what they add: own entries win, then earlier ones.
void resolve_merge_keys(Node& mapping, Report& report);

}  // namespace superd
