// SPDX-License-Identifier: MIT
// Going into the background, and the file that says under which pid.
#pragma once

#include <string>

#include "superd/base/result.hpp"
#include "superd/os/fd.hpp"

namespace superd {

/// What the process that was started waits for: whether superd serves.
class Background {
 public:
  /// Leaves the terminal: the caller returns as a process of a session of its own, at '/', with 0,
  /// 1 and 2 on /dev/null. The process that was started stays until is_ready(), and ends with 0; or
  /// with 1 where this process ends before. Before the first thread.
  static Result<Background> enter();

  void is_ready();

  /// Where a process in the background belongs; one that came by exec may be elsewhere.
  static Result<void> go_home();

 private:
  explicit Background(UniqueFd starter) : starter_(std::move(starter)) {}

  UniqueFd starter_;
};

/// A pid file, locked as long as this lives and removed at its end.
class PidFile {
 public:
  /// Takes the file without writing to it: the lock goes along into the background. Errors: another
  /// process holds it
  /// ("… is held by pid 4711"), or it can't be opened. A link is not followed.
  static Result<PidFile> claim(const std::string& path);

  /// Writes this process's pid.
  Result<void> write();

  PidFile(PidFile&&) = default;
  PidFile& operator=(PidFile&&) = delete;
  ~PidFile();

 private:
  PidFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  UniqueFd fd_;
};

}  // namespace superd
