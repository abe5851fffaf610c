// SPDX-License-Identifier: MIT
// prctl(2), PR_SET_DUMPABLE; proc(5), /proc/sys/fs/suid_dumpable.
#include "superd/os/hardening.hpp"

#include <sys/prctl.h>

#include <cerrno>
#include <fstream>

namespace superd {

Result<void> close_to_tracers() {
  int suid_dumpable = 0;
  std::ifstream("/proc/sys/fs/suid_dumpable") >> suid_dumpable;
  if (suid_dumpable == 1)
    return Error{
        "the kernel lets a handler's user trace superd while it starts that handler; run "
        "'sysctl fs.suid_dumpable=0' (or 2) first",
        EPERM};
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return system_error("PR_SET_DUMPABLE", errno);
  return {};
}

}  // namespace superd
