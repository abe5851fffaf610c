// SPDX-License-Identifier: MIT
// nodes -> text, as YAML for people or as JSON for programs. Every word is the same when it is read
// again; in JSON all are strings.
#pragma once

#include <string>

#include "superd/config/node.hpp"

namespace superd {

/// The mapping `root` in block style to the third level, and what is deeper on one line each. Where
/// a key has a place, `# FILE:LINE` follows. Ends with a newline.
std::string yaml_text(const Node& root);

std::string json_text(const Node& node);

}  // namespace superd
