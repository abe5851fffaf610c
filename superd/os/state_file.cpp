// SPDX-License-Identifier: MIT
// write, fsync, rename.
#include "superd/os/state_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "superd/os/fd.hpp"

namespace superd {
namespace {

constexpr off_t largest = 64 << 20;

std::optional<std::string> environment(const char* name) {
  const char* const value = getenv(name);
  if (!value || *value != '/') return std::nullopt;
  return std::string(value);
}

Result<void> write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("write", errno);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

// The name of a file is on disk when its directory is.
void sync_directory(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) fsync(fd.get());
}

}  // namespace

std::optional<std::string> default_state_directory() {
  if (const auto managed = environment("STATE_DIRECTORY"))
    return managed->substr(0, managed->find(':'));
  if (geteuid() == 0) return "/var/lib/superd";
  if (const auto own = environment("XDG_STATE_HOME")) return *own + "/superd";
  if (const auto home = environment("HOME")) return *home + "/.local/state/superd";
  return std::nullopt;
}

Result<std::string> read_state_file(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && errno == ENOENT) return {boost::system::in_place_value, ""};
  if (!fd) return system_error(path, errno);
  struct stat found {};
  if (fstat(fd.get(), &found) != 0) return system_error(path, errno);
  if (!S_ISREG(found.st_mode)) return Error{path + ": it is no file", 0};
  if (found.st_size > largest) return Error{path + ": it is larger than 64 MiB", 0};
  std::string content(static_cast<std::size_t>(found.st_size), '\0');
  const ssize_t n = pread(fd.get(), content.data(), content.size(), 0);
  if (n < 0) return system_error(path, errno);
  content.resize(static_cast<std::size_t>(n));
  return {boost::system::in_place_value, std::move(content)};
}

Result<void> write_state_file(const std::string& path, const std::string& content) {
  const std::string directory = std::filesystem::path(path).parent_path().string();
  std::error_code error;
  if (std::filesystem::create_directories(directory, error)) chmod(directory.c_str(), 0700);
  const std::string next = path + ".new";
  constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
  const UniqueFd fd(open(next.c_str(), flags, 0600));
  if (!fd) return system_error(next, errno);
  if (auto written = write_all(fd.get(), content); !written)
    return system_error(next, written.error().number);
  if (fsync(fd.get()) != 0) return system_error(next, errno);
  if (rename(next.c_str(), path.c_str()) != 0) return system_error(path, errno);
  sync_directory(directory);
  return {};
}

}  // namespace superd
