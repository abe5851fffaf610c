// SPDX-License-Identifier: MIT
// PTRACE_SEIZE, which disturbs a program less than PTRACE_ATTACH: no signal is sent to it.
#include "superd/warm/tracee.hpp"

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace superd {
namespace {

// Of the kernel's set of signals, which isn't libc's.
constexpr std::size_t size_of_mask = 8;

void* as_pointer(Word value) { return reinterpret_cast<void*>(value); }

Result<void> ended() { return system_error("it ended", ESRCH); }

timespec until(TraceClock::time_point deadline) {
  const auto left = std::max(TraceClock::duration(0), deadline - TraceClock::now());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  return {static_cast<time_t>(seconds.count()),
          static_cast<long>(std::chrono::nanoseconds(left - seconds).count())};
}

bool is_asked_stop(int status) { return status >> 8 == (SIGTRAP | PTRACE_EVENT_STOP << 8); }

}  // namespace

Tracee::Tracee(Tracee&& other) noexcept
    : thread_(std::exchange(other.thread_, 0)), deadline_(other.deadline_), mask_(other.mask_) {}

Result<Tracee> Tracee::stop(pid_t thread, TraceClock::time_point deadline) {
  if (ptrace(PTRACE_SEIZE, thread, nullptr, as_pointer(PTRACE_O_EXITKILL)) != 0)
    return system_error("it may not be traced", errno);
  Tracee tracee(thread, deadline);
  if (ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) != 0)
    return system_error("it could not be stopped", errno);
  const auto status = tracee.next_stop();
  if (!status) return status.error();
  if (is_asked_stop(*status)) return as_result(std::move(tracee));
  tracee.thread_ = 0;
  const Word signal = static_cast<Word>(WSTOPSIG(*status));
  ptrace(PTRACE_DETACH, thread, nullptr, as_pointer(*status >> 16 == 0 ? signal : 0));
  return system_error("a signal came first", EINTR);
}

Tracee::~Tracee() {
  if (thread_ == 0) return;
  if (mask_) ptrace(PTRACE_SETSIGMASK, thread_, as_pointer(size_of_mask), &*mask_);
  ptrace(PTRACE_DETACH, thread_, nullptr, nullptr);
}

Result<int> Tracee::next_stop() const {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  for (;;) {
    int status = 0;
    const pid_t which = waitpid(thread_, &status, __WALL | WNOHANG);
    if (which < 0) return system_error("waitpid", errno);
    if (which == thread_ && WIFSTOPPED(status)) return status;
    if (which == thread_) return system_error("it ended", ESRCH);
    if (TraceClock::now() >= deadline_) return system_error("it does not stop", ETIMEDOUT);
    const timespec left = until(deadline_);
    sigtimedwait(&child, nullptr, &left);
  }
}

Result<Registers> Tracee::registers() const {
  Registers registers{};
  iovec room{&registers, sizeof registers};
  if (ptrace(PTRACE_GETREGSET, thread_, as_pointer(NT_PRSTATUS), &room) != 0)
    return system_error("its registers can't be read", errno);
  if (room.iov_len != sizeof registers)
    return Error{"it is a program of another architecture", EOPNOTSUPP};
  return registers;
}

Result<void> Tracee::set_registers(const Registers& registers) const {
  Registers copy = registers;
  iovec room{&copy, sizeof copy};
  if (ptrace(PTRACE_SETREGSET, thread_, as_pointer(NT_PRSTATUS), &room) != 0)
    return system_error("its registers can't be written", errno);
  return {};
}

Result<Word> Tracee::peek(Word address) const {
  errno = 0;
  const long word = ptrace(PTRACE_PEEKDATA, thread_, as_pointer(address), nullptr);
  if (errno != 0) return system_error("its memory can't be read", errno);
  return static_cast<Word>(word);
}

Result<void> Tracee::poke(Word address, std::span<const char> bytes) const {
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(Word)) {
    Word word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
    if (ptrace(PTRACE_POKEDATA, thread_, as_pointer(address + at), as_pointer(word)) != 0)
      return system_error("its memory can't be written", errno);
  }
  return {};
}

Result<Word> Tracee::call(const Registers& from, Word instruction, long number,
                          const Word (&arguments)[6]) const {
  if (auto set = set_registers(calling(from, instruction, number, arguments)); !set)
    return set.error();
  if (ptrace(PTRACE_SINGLESTEP, thread_, nullptr, nullptr) != 0) return ended().error();
  const auto status = next_stop();
  if (!status) return status.error();
  if (*status >> 8 != SIGTRAP) return system_error("something else stopped it", EINTR);
  const auto after = registers();
  if (!after) return after.error();
  const auto result = static_cast<std::int64_t>(call_result(*after));
  if (result < 0 && result > -4096) return system_error("it may not", static_cast<int>(-result));
  return static_cast<Word>(result);
}

Result<void> Tracee::put_off_signals() {
  Word before = 0;
  const Word all = ~Word{0};
  if (ptrace(PTRACE_GETSIGMASK, thread_, as_pointer(size_of_mask), &before) != 0 ||
      ptrace(PTRACE_SETSIGMASK, thread_, as_pointer(size_of_mask), &all) != 0)
    return system_error("its signals can't be put off", errno);
  mask_ = before;
  return {};
}

}  // namespace superd
