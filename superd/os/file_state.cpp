// SPDX-License-Identifier: MIT
// stat(2).
#include "superd/os/file_state.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace superd {

Result<std::string> file_state(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0 || access(path.c_str(), R_OK) != 0)
    return system_error(path, errno);
  std::string state;
  for (const auto number :
       {static_cast<long long>(found.st_dev), static_cast<long long>(found.st_ino),
        static_cast<long long>(found.st_size), static_cast<long long>(found.st_mtim.tv_sec),
        static_cast<long long>(found.st_mtim.tv_nsec), static_cast<long long>(found.st_ctim.tv_sec),
        static_cast<long long>(found.st_ctim.tv_nsec)})
    state += std::to_string(number) + " ";
  return {boost::system::in_place_value, std::move(state)};
}

}  // namespace superd
