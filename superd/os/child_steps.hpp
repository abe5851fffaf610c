// SPDX-License-Identifier: MIT
// What a new child does between clone and exec: a table of steps, in order. It runs in memory
// shared with a parent that goes on, so: raw system calls only, no allocation, no libc, no
// instrumentation, nothing written but the fault and the time of exec. All decisions were made
// before; the child only carries them out.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstddef>
#include <ctime>

namespace superd {

struct ChildLimit {
  int resource;
  rlimit limit;
};

/// Prepared arrays and numbers; every pointer stays good until the child has exec'd or ended.
struct ChildData {
  int input = -1;                // becomes 0; below 64, like the other descriptors here
  int output = -1;               // becomes 1
  int error_output = -1;         // becomes 2
  const int* handed = nullptr;   // become 3 and further
  std::size_t handed_count = 0;  // at most most_handed_over
  char* listen_pid = nullptr;    // where the child writes its pid in decimal; null: nowhere
  const char* program = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  const char* directory = nullptr;
  mode_t umask = 022;
  const int* nice = nullptr;  // null: leave it
  const ChildLimit* limits = nullptr;
  std::size_t limit_count = 0;
  bool has_identity = false;
  uid_t uid = 0;
  gid_t gid = 0;
  const gid_t* groups = nullptr;
  std::size_t group_count = 0;
  timespec* exec_time = nullptr;  // where CLOCK_MONOTONIC goes just before exec; null: nowhere
};

/// One step: 0 or more is success, otherwise minus an errno value.
struct ChildStep {
  const char* name;  // as in logs, the manual page and tests
  long (*run)(const ChildData&);
};

/// The first step that failed; no step where all went well.
struct ChildFault {
  const char* step = nullptr;
  int error = 0;
};

/// Gives the child a descriptor table of its own with what is below 64. Comes before all steps; its
/// fault is the step 'descriptors'. Minus an errno value on failure.
long own_descriptor_table();

/// Runs the steps; returns only if one failed.
ChildFault run_child_steps(const ChildData& data);

}  // namespace superd
