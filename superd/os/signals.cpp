// SPDX-License-Identifier: MIT
// Signals.
#include "superd/os/signals.hpp"

#include <sys/signalfd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <span>

namespace superd {
namespace {

sigset_t acted_on() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2})
    sigaddset(&set, number);
  return set;
}

}  // namespace

void take_signals() {
  for (int number = 1; number <= SIGRTMAX; ++number) {
    struct sigaction now {};
    if (sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN)
      std::signal(number, SIG_DFL);  // a sanitizer's handlers stay
  }
  struct sigaction ends_only {};
  ends_only.sa_handler = SIG_DFL;
  ends_only.sa_flags = SA_NOCLDSTOP;  // that a child stops or goes on is nothing to us
  sigaction(SIGCHLD, &ends_only, nullptr);
  sigset_t blocked = acted_on();
  sigaddset(&blocked, SIGPIPE);
  sigprocmask(SIG_SETMASK, &blocked, nullptr);
}

Result<UniqueFd> signal_descriptor() {
  const sigset_t set = acted_on();
  UniqueFd fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return system_error("signalfd", errno);
  return fd;
}

std::vector<ArrivedSignal> arrived_signals(int descriptor) {
  std::array<signalfd_siginfo, 8> infos{};
  const ssize_t size = read(descriptor, infos.data(), sizeof infos);
  const auto count = size > 0 ? static_cast<std::size_t>(size) / sizeof infos[0] : 0;
  std::vector<ArrivedSignal> arrived;
  for (const signalfd_siginfo& info : std::span(infos).first(count))
    arrived.push_back({static_cast<int>(info.ssi_signo), static_cast<pid_t>(info.ssi_pid)});
  return arrived;
}

}  // namespace superd
