// SPDX-License-Identifier: MIT
// Daemon(7)'s old way: fork, session, fork again.
#include "superd/os/daemonize.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

namespace superd {
namespace {

// The end of the pipe without a word is the end of superd.
[[noreturn]] void wait_until_ready(int ready) {
  char word = 0;
  while (read(ready, &word, 1) < 0 && errno == EINTR) {
  }
  if (word == 0) std::fputs("superd: it ended before it served; its log says why\n", stderr);
  _exit(word == 0 ? 1 : 0);
}

Result<void> leave_leader() {
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

bool is_still(const std::string& path, int fd) {
  struct stat named {};
  struct stat opened {};
  return lstat(path.c_str(), &named) == 0 && fstat(fd, &opened) == 0 &&
         named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

}  // namespace

Result<Background> Background::enter() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return system_error("pipe", errno);
  UniqueFd ready(ends[0]);
  Background background{UniqueFd(ends[1])};
  const pid_t pid = fork();
  if (pid < 0) return system_error("go into the background", errno);
  if (pid > 0) {
    background.starter_.reset();
    wait_until_ready(ready.get());
  }
  setsid();
  if (auto left = leave_leader(); !left) return left.error();  // no terminal can come back
  if (auto home = go_home(); !home) return home.error();
  if (auto closed = close_terminal(); !closed) return closed.error();
  return background;
}

Result<void> Background::go_home() {
  if (chdir("/") != 0) return system_error("chdir /", errno);
  return {};
}

void Background::is_ready() {
  const char word = 'r';
  [[maybe_unused]] const ssize_t n = write(starter_.get(), &word, 1);  // it may be gone: its choice
  starter_.reset();
}

// Whoever ends removes the file: between our open and our lock it may have become another one.
Result<PidFile> PidFile::claim(const std::string& path) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!fd) return system_error("pid file '" + path + "'", errno);
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      const std::string pid = holder(fd.get());
      return Error{"pid file '" + path + "' is held by pid " + pid + ": superd runs already",
                   EEXIST};
    }
    if (is_still(path, fd.get()))
      return PidFile(std::filesystem::absolute(path).string(), std::move(fd));
  }
  return Error{"pid file '" + path + "' is being replaced over and over", EBUSY};
}

Result<void> PidFile::write() {
  const std::string line = std::to_string(getpid()) + "\n";
  if (ftruncate(fd_.get(), 0) != 0 ||
      pwrite(fd_.get(), line.data(), line.size(), 0) != static_cast<ssize_t>(line.size()))
    return system_error("pid file '" + path_ + "'", errno);
  return {};
}

PidFile::~PidFile() {
  if (fd_ && is_still(path_, fd_.get())) unlink(path_.c_str());
}

}  // namespace superd
