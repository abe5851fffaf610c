// SPDX-License-Identifier: MIT
// A place as compilers print it, so that editors jump to it.
#include "superd/base/place.hpp"

namespace superd {

std::string to_text(const Place& place) {
  if (!place.file) return "command line";
  if (place.line == 0) return *place.file;
  const std::string line = *place.file + ":" + std::to_string(place.line);
  return place.column == 0 ? line : line + ":" + std::to_string(place.column);
}

}  // namespace superd
