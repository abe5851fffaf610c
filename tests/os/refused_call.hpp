// SPDX-License-Identifier: MIT
// System calls that fail or never return, by seccomp(2): for this process and for good.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cstddef>
#include <optional>

#include "superd/os/fd.hpp"

namespace superd {

inline long filter_call(long number, unsigned answer, unsigned flags) {
  sock_filter instructions[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(number), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, answer),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{4, instructions};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/// `number` fails with `error` from now on. False: the kernel doesn't do it.
inline bool refuse_call(long number, int error) {
  return filter_call(number, SECCOMP_RET_ERRNO | static_cast<unsigned>(error), 0) == 0;
}

/// Whoever makes the call waits as long as this lives.
class HeldCall {
 public:
  static std::optional<HeldCall> hold(long number) {
    const long fd = filter_call(number, SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
    if (fd < 0) return std::nullopt;
    return HeldCall(UniqueFd(static_cast<int>(fd)));
  }

 private:
  explicit HeldCall(UniqueFd listener) : listener_(std::move(listener)) {}

  UniqueFd listener_;
};

}  // namespace superd
