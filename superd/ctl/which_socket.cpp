// SPDX-License-Identifier: MIT
// From the nearest word to the farthest.
#include "superd/ctl/which_socket.hpp"

#include <stdlib.h>

#include <cerrno>

#include "superd/base/text.hpp"
#include "superd/config/control.hpp"
#include "superd/os/control_path.hpp"

namespace superd {

Result<std::string> which_socket(const std::string& given, const std::string& table,
                                 const Host& host) {
  if (!given.empty()) return as_result(given);
  if (const char* set = getenv("SUPERD_SOCKET"); set && *set) return as_result(std::string(set));
  const auto settings = control_settings_of(table, host);
  if (settings && !settings->enabled)
    return Error{"no superd is there: " + quote(table, table.size()) + " says 'control: none'",
                 ENOENT};
  if (settings && settings->path) return as_result(*settings->path);
  if (auto path = default_control_path()) return as_result(std::move(*path));
  return Error{
      "no superd is there: you have no /run/user folder for its socket; say --socket PATH "
      "or set SUPERD_SOCKET",
      ENOENT};
}

}  // namespace superd
