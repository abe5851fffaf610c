// SPDX-License-Identifier: MIT
// A list, and for a few calls what their arguments may be. libseccomp knows their numbers.
#include "superd/relay/call_filter.hpp"

#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

namespace superd {
namespace {

// All it needs with connections, and what libc needs for memory and for the end.
constexpr int may_be_called[] = {
    SCMP_SYS(epoll_wait),    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_ctl),     SCMP_SYS(poll),
    SCMP_SYS(ppoll),         SCMP_SYS(read),
    SCMP_SYS(write),         SCMP_SYS(writev),
    SCMP_SYS(close),         SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),       SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),       SCMP_SYS(splice),
    SCMP_SYS(pipe2),         SCMP_SYS(fcntl),
    SCMP_SYS(connect),       SCMP_SYS(shutdown),
    SCMP_SYS(getsockopt),    SCMP_SYS(setsockopt),
    SCMP_SYS(clock_gettime), SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigreturn),  SCMP_SYS(futex),
    SCMP_SYS(brk),           SCMP_SYS(munmap),
    SCMP_SYS(mremap),        SCMP_SYS(madvise),
    SCMP_SYS(exit),          SCMP_SYS(exit_group),
};

// Sanitizers call what they like.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#else
constexpr bool is_sanitized = false;
#endif

constexpr int families[] = {AF_INET, AF_INET6, AF_UNIX};

// What memory is mapped for: never to be executed.
int allow_memory(scmp_filter_ctx filter, int call) {
  return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
                          SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

int allow_all(scmp_filter_ctx filter) {
  int fault = 0;
  for (const int call : may_be_called)
    if (fault == 0) fault = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
  for (const int family : families)
    if (fault == 0)
      fault = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                               SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family)));
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)})
    if (fault == 0) fault = allow_memory(filter, call);
  return fault;
}

}  // namespace

Result<void> filter_calls() {
  if (is_sanitized) return {};
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(
      seccomp_init(SCMP_ACT_KILL_PROCESS), seccomp_release);
  if (!filter) return system_error("seccomp_init", ENOMEM);
  int fault = allow_all(filter.get());
  if (fault == 0) fault = seccomp_load(filter.get());
  if (fault != 0) return system_error("seccomp", -fault);
  return {};
}

}  // namespace superd
