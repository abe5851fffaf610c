// SPDX-License-Identifier: MIT
// waitid(2), wait4(2), kill(2).
#include "superd/os/reaping.hpp"

#include <sys/resource.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

namespace superd {
namespace {

// Before exec a child is in our memory, and the kernel counts that peak as its own: below ours, it
// says nothing. Ours only grows, so it is asked for only where the last answer isn't enough.
bool is_within_own_peak(long kilobytes) {
  static long own_peak = 0;
  if (kilobytes <= own_peak) return true;
  rusage own{};
  getrusage(RUSAGE_SELF, &own);
  own_peak = own.ru_maxrss;
  return kilobytes <= own_peak;
}

}  // namespace

std::optional<pid_t> ended_child(pid_t which) {
  siginfo_t info{};
  const idtype_t type = which < 0 ? P_ALL : P_PID;
  const auto id = static_cast<id_t>(which < 0 ? 0 : which);
  if (waitid(type, id, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
    return std::nullopt;
  return info.si_pid;
}

std::optional<Reaped> reap(pid_t which) {
  int status = 0;
  rusage used{};
  const pid_t pid = wait4(which, &status, WNOHANG, &used);
  if (pid <= 0) return std::nullopt;
  const auto milliseconds = [](const timeval& t) {
    return Milliseconds(t.tv_sec * 1000 + t.tv_usec / 1000);
  };
  Reaped reaped{.pid = pid, .exit = {}};
  reaped.exit.status = status;
  reaped.exit.cpu = milliseconds(used.ru_utime) + milliseconds(used.ru_stime);
  reaped.exit.peak_memory = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
  reaped.exit.peak_is_bound = is_within_own_peak(used.ru_maxrss);
  return reaped;
}

void signal_group(pid_t pid, int signal) {
  if (kill(-pid, signal) != 0 && errno == ESRCH) kill(pid, signal);
}

}  // namespace superd
