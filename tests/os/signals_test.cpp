// SPDX-License-Identifier: MIT
// Signals as something to read. In a copy of the process: dispositions and masks are all of it.
#include "superd/os/signals.hpp"

#include <algorithm>

#include "tests/fork.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

constexpr int taken[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};

bool is_blocked(int number) {
  sigset_t mask;
  sigprocmask(SIG_SETMASK, nullptr, &mask);
  return sigismember(&mask, number) == 1;
}

bool is_default(int number) {
  struct sigaction now {};
  return sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_DFL;
}

}  // namespace

TEST_CASE("inherited dispositions and masks don't matter") {
  CHECK(in_a_child([] {
          std::signal(SIGHUP, SIG_IGN);
          std::signal(SIGCHLD, SIG_IGN);
          std::signal(SIGALRM, SIG_IGN);
          sigset_t odd;
          sigemptyset(&odd);
          sigaddset(&odd, SIGALRM);
          sigprocmask(SIG_SETMASK, &odd, nullptr);
          take_signals();
          for (const int number : taken)
            if (!is_blocked(number) || !is_default(number)) return number;
          if (!is_blocked(SIGPIPE)) return 101;
          return is_default(SIGALRM) && !is_blocked(SIGALRM) ? 0 : 102;
        }) == 0);
}

TEST_CASE("signals are read from a descriptor that doesn't block") {
  CHECK(in_a_child([] {
          take_signals();
          const auto fd = signal_descriptor();
          if (!fd || blocks(fd->get()) || !closes_on_exec(fd->get())) return 1;
          if (!arrived_signals(fd->get()).empty()) return 2;
          for (const int number : taken) raise(number);
          raise(SIGTERM);  // merged by the kernel
          const auto arrived = arrived_signals(fd->get());
          if (arrived.size() != std::size(taken)) return 3;
          for (const int number : taken)
            if (std::none_of(arrived.begin(), arrived.end(),
                             [&](const ArrivedSignal& one) { return one.number == number; }))
              return 4;
          return arrived_signals(fd->get()).empty() ? 0 : 5;
        }) == 0);
}

TEST_CASE("CHLD names a child that has ended") {
  CHECK(in_a_child([] {
          take_signals();
          const auto fd = signal_descriptor();
          const pid_t child = fork();
          if (child == 0) _exit(0);
          if (!fd || !becomes_readable(fd->get())) return 1;
          const auto arrived = arrived_signals(fd->get());
          waitpid(child, nullptr, 0);
          if (arrived.size() != 1 || arrived.front().number != SIGCHLD) return 2;
          return arrived.front().child == child ? 0 : 3;
        }) == 0);
}
