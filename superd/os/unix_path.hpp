// SPDX-License-Identifier: MIT
// The file system's side of a UNIX socket: taking over what a dead daemon left, owner and mode,
// removal at the end.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "superd/base/result.hpp"
#include "superd/core/service.hpp"

namespace superd {

/// Binds `socket` to a path and gives it owner, group and mode before it listens, so that no client
/// gets in earlier; makes its directory first where `options` ask for that. A stale socket is taken
/// over. Errors: EADDRINUSE where somebody listens there, ENOTSOCK where the path is something
/// else, and bind's own.
Result<void> bind_unix_path(int socket, const UnixAddress& address, const SocketOptions& options);

/// Gives a bound path another owner, group and mode; absent ones stay as they are.
Result<void> give_unix_path(const std::string& path, std::optional<uid_t> owner,
                            std::optional<gid_t> group, std::optional<mode_t> mode);

/// A bound path that is removed with this value, if it is still the file that was bound. A pointer
/// where there is none, for there are many listeners.
class UnixPath {
 public:
  UnixPath() = default;
  explicit UnixPath(std::string path);

  /// It isn't removed after all.
  void keep() { const std::unique_ptr<File> stays(file_.release()); }

 private:
  struct File {
    std::string path;
    dev_t device = 0;
    ino_t inode = 0;
  };
  struct Remove {
    void operator()(File* file) const;
  };

  std::unique_ptr<File, Remove> file_;  // absent: nothing to remove
};

}  // namespace superd
