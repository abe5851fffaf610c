// SPDX-License-Identifier: MIT
// A thread that is stopped, by ptrace(2): looked into, made to call the kernel, led elsewhere. If
// its tracer dies meanwhile, the kernel ends it. Every wait has an end.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <span>

#include "superd/base/result.hpp"
#include "superd/warm/machine.hpp"

namespace superd {

using TraceClock = std::chrono::steady_clock;

class Tracee {
 public:
  /// Stops a thread, of this process's own user. SIGCHLD must be blocked: it is waited for.
  /// Errors: EPERM where tracing is forbidden, EINTR where a signal came first (it has got it, and
  /// runs on), ETIMEDOUT.
  static Result<Tracee> stop(pid_t thread, TraceClock::time_point deadline);
  ~Tracee();
  Tracee(Tracee&& other) noexcept;
  Tracee& operator=(Tracee&&) = delete;

  /// Errors: EOPNOTSUPP for a program of another architecture.
  Result<Registers> registers() const;
  Result<void> set_registers(const Registers& registers) const;
  Result<Word> peek(Word address) const;
  Result<void> poke(Word address, std::span<const char> bytes) const;

  /// Makes one system call with the instruction at `instruction`, no signal in between. Its result;
  /// errors: what the kernel says.
  Result<Word> call(const Registers& from, Word instruction, long number,
                    const Word (&arguments)[6]) const;

  /// Signals are put off until it is let go.
  Result<void> put_off_signals();

 private:
  Tracee(pid_t thread, TraceClock::time_point deadline) : thread_(thread), deadline_(deadline) {}
  Result<int> next_stop() const;

  pid_t thread_;  // 0: somebody else's
  TraceClock::time_point deadline_;
  std::optional<Word> mask_;  // what it was before
};

}  // namespace superd
