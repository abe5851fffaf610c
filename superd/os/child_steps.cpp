// SPDX-License-Identifier: MIT
// The steps. Their order is part of the contract (docs/HANDLERS.md): limits before the identity is
// given up, groups before gid before uid, and nothing between uid and exec that doesn't need to be
// there.
#include "superd/os/child_steps.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>

#include "superd/core/service.hpp"
#include "superd/os/descriptors.hpp"
#include "superd/os/raw_call.hpp"

namespace superd {
namespace {

void write_number(char* to, long number) {
  char digits[20];
  int count = 0;
  for (; number > 0; number /= 10) digits[count++] = static_cast<char>('0' + number % 10);
  while (count > 0) *to++ = digits[--count];
  *to = '\0';
}

// They may lie where others of them are to go: so each first gets a place beyond all of them.
long put_from_3_on(const int* sockets, long count) {
  const auto beyond = static_cast<long>(first_high_descriptor + most_handed_over);
  for (long i = 0; i < count; ++i)
    if (const long r = raw_call(SYS_dup3, sockets[i], beyond + i, O_CLOEXEC); r < 0) return r;
  for (long i = 0; i < count; ++i)
    if (const long r = raw_call(SYS_dup3, beyond + i, 3 + i, 0); r < 0) return r;
  return 0;
}

long descriptors(const ChildData& data) {
  const int sources[] = {data.input, data.output, data.error_output};
  for (int target = 0; target < 3; ++target)
    if (const long r = raw_call(SYS_dup3, sources[target], target, 0); r < 0) return r;
  const auto handed = static_cast<long>(data.handed_count);
  if (const long r = put_from_3_on(data.handed, handed); r < 0) return r;
  if (data.listen_pid) write_number(data.listen_pid, raw_call(SYS_getpid));
  // A second guard only: everything is close-on-exec. Old container filters refuse it.
  raw_call(SYS_close_range, 3 + handed, ~0U, 0);
  return 0;
}

// Superd resets all dispositions when it starts and only Asio ignores one again; what is caught
// becomes default at exec by itself.
long signals(const ChildData&) {
  struct {
    void (*handler)(int) = SIG_DFL;
    unsigned long flags = 0;
    void (*restorer)() = nullptr;
    unsigned long mask = 0;
  } standard;
  const long r = raw_call(SYS_rt_sigaction, SIGPIPE, raw_argument(&standard), 0, sizeof(long));
  if (r < 0) return r;
  const unsigned long none = 0;
  return raw_call(SYS_rt_sigprocmask, SIG_SETMASK, raw_argument(&none), 0, sizeof none);
}

long session(const ChildData&) { return raw_call(SYS_setsid); }

long rlimits(const ChildData& data) {
  for (std::size_t i = 0; i < data.limit_count; ++i) {
    const ChildLimit& one = data.limits[i];
    if (const long r = raw_call(SYS_prlimit64, 0, one.resource, raw_argument(&one.limit)); r < 0)
      return r;
  }
  return 0;
}

long priority(const ChildData& data) {
  return data.nice ? raw_call(SYS_setpriority, PRIO_PROCESS, 0, *data.nice) : 0;
}

long directory(const ChildData& data) { return raw_call(SYS_chdir, raw_argument(data.directory)); }

long file_mode_mask(const ChildData& data) { return raw_call(SYS_umask, data.umask); }

long groups(const ChildData& data) {
  if (!data.has_identity) return 0;
  return raw_call(SYS_setgroups, static_cast<long>(data.group_count), raw_argument(data.groups));
}

long gid(const ChildData& data) {
  return data.has_identity ? raw_call(SYS_setresgid, data.gid, data.gid, data.gid) : 0;
}

long uid(const ChildData& data) {
  return data.has_identity ? raw_call(SYS_setresuid, data.uid, data.uid, data.uid) : 0;
}

long exec(const ChildData& data) {
  if (data.exec_time) raw_call(SYS_clock_gettime, CLOCK_MONOTONIC, raw_argument(data.exec_time));
  return raw_call(SYS_execve, raw_argument(data.program), raw_argument(data.arguments),
                  raw_argument(data.environment));
}

constexpr ChildStep child_steps[] = {
    {"descriptors", descriptors},
    {"signals", signals},
    {"session", session},
    {"rlimits", rlimits},
    {"priority", priority},
    {"directory", directory},
    {"umask", file_mode_mask},
    {"groups", groups},
    {"gid", gid},
    {"uid", uid},
    {"exec", exec},
};

}  // namespace

long own_descriptor_table() {
  const long r = raw_call(SYS_close_range, first_high_descriptor, ~0U, CLOSE_RANGE_UNSHARE);
  // Kernels before 5.9 and old container filters don't have it: then the whole table is copied,
  // which is slower with thousands of services and just as right.
  if (r == -ENOSYS || r == -EPERM) return raw_call(SYS_unshare, CLONE_FILES);
  return r;
}

ChildFault run_child_steps(const ChildData& data) {
  for (const ChildStep& step : child_steps)
    if (const long r = step.run(data); r < 0) return {step.name, static_cast<int>(-r)};
  return {};
}

}  // namespace superd
