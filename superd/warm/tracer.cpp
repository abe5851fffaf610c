// SPDX-License-Identifier: MIT
// fork(2) twice, since there is nothing to exec and the handler shall have no child that it hasn't
// made: this process is small, and has one thread.
#include "superd/warm/tracer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "superd/core/warm_message.hpp"
#include "superd/os/fd.hpp"
#include "superd/warm/planting.hpp"

namespace superd {
namespace {

using std::chrono::microseconds;

constexpr microseconds first_pause{150}, longest_pause{5'000};

// One handler on its way to its first read.
class WarmUp {
 public:
  WarmUp(pid_t handler, int life, const TracerTerms& terms)
      : handler_(handler),
        life_(life),
        terms_(terms),
        link_(link_of(terms.pair)),
        before_(state_of(terms.pair)),
        deadline_(TraceClock::now() + terms.longest) {}

  // "ready", or why not.
  std::string outcome() const {
    for (microseconds pause = first_pause;; pause = std::min(pause * 5 / 4, longest_pause)) {
      if (is_over(pause)) return "it ended before it read anything";
      const auto copies = copies_of(handler_, link_);
      const Waiting waiting =
          copies ? find_waiting(handler_, *copies) : NotYet{copies.error().text};
      if (const auto* thread = std::get_if<WaitingThread>(&waiting)) {
        const auto planted = plant(*thread, *copies);
        if (planted) return warm_and_ready;
        if (planted.error().number != EAGAIN) return planted.error().text;
      }
      if (const auto* never = std::get_if<Never>(&waiting)) return never->because;
      if (const auto* not_yet = std::get_if<NotYet>(&waiting);
          not_yet && TraceClock::now() >= deadline_)
        return not_yet->because.empty() ? "it has not read anything in time" : not_yet->because;
    }
  }

 private:
  bool is_over(microseconds pause) const {
    pollfd life{life_, POLLIN, 0};
    const timespec time{0, std::chrono::nanoseconds(pause).count()};
    return ppoll(&life, 1, &time, nullptr) > 0;
  }

  Result<void> plant(const WaitingThread& thread, const std::vector<PairCopy>& copies) const {
    if (has_own_filter(handler_)) return Error{"it has a seccomp filter of its own", EACCES};
    const PairState now = state_of(terms_.pair);
    return plant_stub({handler_, thread, copies, now, set_since(before_, now)}, deadline_);
  }

  pid_t handler_;
  int life_;
  const TracerTerms& terms_;
  std::string link_;
  PairState before_;
  TraceClock::time_point deadline_;
};

// Its stop (os/process kills by group) ends the tracer along with the handler.
[[noreturn]] void trace(pid_t handler, UniqueFd named, const TracerTerms& terms) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, nullptr);
  const UniqueFd life(static_cast<int>(syscall(SYS_pidfd_open, handler, 0)));
  const WarmUp warm_up(handler, life.get(), terms);  // before the handler goes on
  const pid_t self = getpid();
  const bool is_named = life && write(named.get(), &self, sizeof self) == sizeof self;
  named.reset();
  _exit(is_named && tell(terms.report, warm_up.outcome()) ? 0 : 1);
}

}  // namespace

bool tell(int report, std::string_view message) {
  const std::string_view part = message.substr(0, longest_warm_message);
  return send(report, part.data(), part.size(), MSG_NOSIGNAL) >= 0;
}

Result<void> leave_tracer(const TracerTerms& terms) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return system_error("pipe", errno);
  UniqueFd names(ends[0]), named(ends[1]);
  const pid_t handler = getpid();
  const pid_t between = fork();
  if (between < 0) return system_error("no tracer", errno);
  if (between == 0) {
    names.reset();
    const pid_t tracer = fork();
    if (tracer == 0) trace(handler, std::move(named), terms);
    _exit(tracer < 0 ? errno : 0);
  }
  named.reset();
  int status = 0;
  while (waitpid(between, &status, 0) < 0 && errno == EINTR) {
  }
  pid_t tracer = 0;
  if (read(names.get(), &tracer, sizeof tracer) != sizeof tracer)
    return system_error("no tracer", WIFEXITED(status) ? WEXITSTATUS(status) : EIO);
  prctl(PR_SET_PTRACER, tracer, 0, 0, 0);  // unknown to kernels without Yama, which need it not
  return {};
}

}  // namespace superd
