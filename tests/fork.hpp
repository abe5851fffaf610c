// SPDX-License-Identifier: MIT
// For tests that change what belongs to the whole process: they do it in a copy of it.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/patience.hpp"

namespace superd {

/// The exit status of `work` in a child; 256 plus the signal's number if one ended it, -1 if it
/// didn't end. No Catch2 in `work`: it answers by its result.
template <class Work>
int in_a_child(Work work) {
  const pid_t pid = fork();
  if (pid == 0) {
    for (const int number : {SIGTERM, SIGINT, SIGSEGV, SIGABRT}) std::signal(number, SIG_DFL);
    _exit(work());
  }
  int status = 0;
  if (!comes_true([&] { return waitpid(pid, &status, WNOHANG) == pid; })) {
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

}  // namespace superd
