// SPDX-License-Identifier: MIT
// The child's side of a launch.
#include "superd/os/launch_child.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>

#include "superd/os/raw_call.hpp"

namespace superd {
namespace {

void say_released(LaunchChild& child) {
  __atomic_store_n(&child.released, 1, __ATOMIC_RELEASE);
  raw_call(SYS_futex, raw_argument(&child.released), FUTEX_WAKE_PRIVATE, 1);
}

}  // namespace

int launch_child(void* shared) {
  auto& child = *static_cast<LaunchChild*>(shared);
  const long own = own_descriptor_table();
  if (own < 0) {
    child.fault = {"descriptors", static_cast<int>(-own)};
  } else {
    say_released(child);
    child.fault = run_child_steps(child.data);
  }
  raw_call(SYS_exit_group, 127);
  return 127;
}

}  // namespace superd
