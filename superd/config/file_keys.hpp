// SPDX-License-Identifier: MIT
// The keys at the top of a file. They are only noted, because the order in which they are read
// isn't that in which they are written: daemon and defaults hold for all that follows from the
// file.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "superd/config/key.hpp"

namespace superd {

struct FileParts {
  std::optional<Value> daemon;
  std::optional<Value> defaults;
  std::vector<Value> others;  // include and services, as written
};

std::span<const Key<FileParts>> file_keys();

}  // namespace superd
