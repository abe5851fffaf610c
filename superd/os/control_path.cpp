// SPDX-License-Identifier: MIT
// The default by who is asking: the effective user.
#include "superd/os/control_path.hpp"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace superd {
namespace {

constexpr const char* in_the_folder = "/superd/control.sock";

bool is_folder(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

}  // namespace

std::optional<std::string> default_control_path() {
  const uid_t user = geteuid();
  if (user == 0) return std::string("/run") + in_the_folder;
  // A relative one is to be ignored, says the XDG Base Directory Specification.
  const char* given = secure_getenv("XDG_RUNTIME_DIR");
  if (given && given[0] == '/') return std::string(given) + in_the_folder;
  const std::string usual = "/run/user/" + std::to_string(user);
  if (is_folder(usual)) return usual + in_the_folder;
  return std::nullopt;
}

}  // namespace superd
