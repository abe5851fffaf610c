// SPDX-License-Identifier: MIT
// From the nearest word to the farthest.
#include "superd/ctl/control_socket.hpp"

#include <stdlib.h>

#include <cerrno>

#include "superd/os/control_path.hpp"

namespace superd {

Result<std::string> control_socket(const std::string& given) {
  if (!given.empty()) return success(given);
  if (const char* set = getenv("SUPERD_SOCKET"); set && *set) return success(std::string(set));
  // The place for daemon.control of the table that superd would read: control_settings_of(path).
  if (auto path = default_control_path()) return success(std::move(*path));
  return Error{
      "no superd is there: you have no /run/user folder for its socket; say --socket PATH "
      "or set SUPERD_SOCKET",
      ENOENT};
}

}  // namespace superd
