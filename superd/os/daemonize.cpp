// SPDX-License-Identifier: MIT
// Daemon(7)'s old way: fork, session, fork again.
#include "superd/os/daemonize.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace superd {
namespace {

Result<void> leave_parent() {
  const pid_t pid = fork();
  if (pid < 0) return system_error("go into the background", errno);
  if (pid > 0) _exit(0);
  return {};
}

Result<void> close_terminal() {
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return system_error("/dev/null", errno);
  for (const int standard : {0, 1, 2})
    if (dup2(null.get(), standard) < 0) return system_error("/dev/null", errno);
  return {};
}

std::string holder(int fd) {
  char line[24]{};
  if (pread(fd, line, sizeof line - 1, 0) <= 0) return "?";
  const std::string text = line;
  return text.substr(0, text.find('\n'));
}

}  // namespace

Result<void> go_into_background() {
  if (auto left = leave_parent(); !left) return left;
  setsid();
  if (auto left = leave_parent(); !left) return left;  // never a session leader: no terminal again
  if (chdir("/") != 0) return system_error("chdir /", errno);
  return close_terminal();
}

Result<PidFile> PidFile::claim(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!fd) return system_error("pid file '" + path + "'", errno);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
    return Error{
        "pid file '" + path + "' is held by pid " + holder(fd.get()) + ": superd runs already",
        EEXIST};
  return PidFile(std::filesystem::absolute(path).string(), std::move(fd));
}

Result<void> PidFile::write() {
  const std::string line = std::to_string(getpid()) + "\n";
  if (ftruncate(fd_.get(), 0) != 0 ||
      pwrite(fd_.get(), line.data(), line.size(), 0) != static_cast<ssize_t>(line.size()))
    return system_error("pid file '" + path_ + "'", errno);
  return {};
}

PidFile::~PidFile() {
  if (fd_) unlink(path_.c_str());
}

}  // namespace superd
