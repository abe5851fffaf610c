// SPDX-License-Identifier: MIT
// UNIX socket paths.
#include "superd/os/unix_path.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "superd/os/fd.hpp"
#include "superd/os/socket_address.hpp"

namespace superd {
namespace {

// Nobody listens on a stale socket: connect is refused. Anything else leaves it to its owner.
// One of another kind that lives says so, too: EPROTOTYPE.
bool is_stale(const UnixAddress& address) {
  const KernelAddress kernel = to_kernel(address);
  const UniqueFd probe(socket(AF_UNIX, type_of(address) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return probe && connect(probe.get(), kernel.get(), kernel.length) != 0 && errno == ECONNREFUSED;
}

Result<void> clear_way(const UnixAddress& address) {
  const std::string& path = address.path;
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) return {};  // bind will say what is wrong
  if (!S_ISSOCK(found.st_mode)) return system_error("bind", ENOTSOCK);
  if (!is_stale(address)) return system_error("bind", EADDRINUSE);
  if (unlink(path.c_str()) != 0) return system_error("remove stale socket", errno);
  return {};
}

// All of them that are missing, with one mode whatever the umask.
Result<void> make_directory_of(const std::string& path, mode_t mode) {
  for (std::size_t slash = path.find('/', 1); slash != path.npos;
       slash = path.find('/', slash + 1)) {
    const std::string directory = path.substr(0, slash);
    if (mkdir(directory.c_str(), 0700) != 0) {
      if (errno == EEXIST) continue;
      return system_error("make directory '" + directory + "'", errno);
    }
    if (chmod(directory.c_str(), mode) != 0) return system_error("make_directory", errno);
  }
  return {};
}

}  // namespace

Result<void> bind_unix_path(int socket, const UnixAddress& address, const SocketOptions& options) {
  if (options.make_directory)
    if (auto made = make_directory_of(address.path, *options.make_directory); !made) return made;
  const KernelAddress kernel = to_kernel(address);
  if (auto clear = clear_way(address); !clear) return clear.error();
  // Until it listens, connect is refused: what follows is set before anyone gets in. Nobody but the
  // owner may open it meanwhile either.
  const mode_t before = ::umask(0177);
  const int bound = bind(socket, kernel.get(), kernel.length);
  const int error = errno;
  ::umask(before);
  if (bound != 0) return system_error("bind", error);
  return give_unix_path(address.path, options.owner, options.group, options.mode.value_or(0666));
}

Result<void> give_unix_path(const std::string& path, std::optional<uid_t> owner,
                            std::optional<gid_t> group, std::optional<mode_t> mode) {
  constexpr auto unchanged_user = static_cast<uid_t>(-1);
  constexpr auto unchanged_group = static_cast<gid_t>(-1);
  if ((owner || group) &&
      lchown(path.c_str(), owner.value_or(unchanged_user), group.value_or(unchanged_group)) != 0)
    return system_error("owner and group", errno);
  // Never that of what an owner of the directory has put there in the meantime.
  if (mode && fchmodat(AT_FDCWD, path.c_str(), *mode, AT_SYMLINK_NOFOLLOW) != 0)
    return system_error("mode", errno);
  return {};
}

UnixPath::UnixPath(std::string path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) return;
  file_.reset(new File{std::move(path), found.st_dev, found.st_ino});
}

void UnixPath::Remove::operator()(File* file) const {
  const std::unique_ptr<File> gone(file);
  struct stat found {};
  if (lstat(gone->path.c_str(), &found) != 0) return;
  if (found.st_dev == gone->device && found.st_ino == gone->inode) unlink(gone->path.c_str());
}

}  // namespace superd
