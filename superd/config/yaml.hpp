// SPDX-License-Identifier: MIT
// text -> nodes. The only room that knows yaml-cpp; its exceptions end here and become diagnostics.
#pragma once

#include "superd/config/node.hpp"
#include "superd/config/report.hpp"
#include "superd/config/source.hpp"

namespace superd {

inline constexpr std::size_t deepest_yaml = 64;
inline constexpr std::size_t most_nodes = 1'000'000;
inline constexpr std::size_t longest_word = 65'536;

/// The document in `source`, which is nothing if it is empty; absent if it is no YAML, and then
/// `report` says why.
NodePtr parse_yaml(const Source& source, Report& report);

}  // namespace superd
