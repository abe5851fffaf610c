// SPDX-License-Identifier: MIT
// prctl(2), capset(2), landlock(7).
#include "superd/os/confinement.hpp"

#include <linux/capability.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "superd/os/fd.hpp"

namespace superd {
namespace {

// Without libcap: an empty set needs no names. The header's version says how long the data is.
bool drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  return syscall(SYS_capset, &header, none) == 0;
}

// All that the first version of Landlock knows; each later one only adds to it.
constexpr std::uint64_t all_access = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

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

// glibc has no functions for it yet.
Result<bool> close_file_system() {
  landlock_ruleset_attr rules{};
  rules.handled_access_fs = all_access;
  const auto fd = static_cast<int>(syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0));
  if (fd < 0 && (errno == ENOSYS || errno == EOPNOTSUPP)) return false;
  if (fd < 0) return system_error("landlock_create_ruleset", errno);
  const UniqueFd ruleset(fd);
  if (syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0)
    return system_error("landlock_restrict_self", errno);
  return true;
}

}  // namespace superd
