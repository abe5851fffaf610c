// SPDX-License-Identifier: MIT
// prctl(2), capset(2).
#include "superd/os/confinement.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace superd {
namespace {

// Without libcap: an empty set needs no names. The header's version says how long the data is.
bool drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  return syscall(SYS_capset, &header, none) == 0;
}

}  // namespace

Result<void> confine_process() {
  if (geteuid() == 0 || getuid() == 0) return system_error("not as root", EPERM);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return system_error("PR_SET_NO_NEW_PRIVS", errno);
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
    return system_error("PR_CAP_AMBIENT", errno);
  if (!drop_capabilities()) return system_error("capset", errno);
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return system_error("PR_SET_DUMPABLE", errno);
  return {};
}

}  // namespace superd
