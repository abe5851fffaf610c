// SPDX-License-Identifier: MIT
// What /proc tells of a process: its descriptors that are the pair, and the calls its threads are
// in. Nothing is stopped for it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "superd/base/result.hpp"
#include "superd/warm/machine.hpp"

namespace superd {

/// A descriptor that leads to the pair.
struct PairCopy {
  int number = 0;
  bool is_closed_on_exec = false;
};

/// Those of `process` that are what `link` says, such as "socket:[4711]". Errors: EACCES where it
/// keeps others from looking.
Result<std::vector<PairCopy>> copies_of(pid_t process, const std::string& link);

/// What /proc/self/fd says of a descriptor of our own.
std::string link_of(int descriptor);

std::vector<pid_t> threads_of(pid_t process);

struct CallUnderWay {
  long number = -1;  // -1: it is in none
  Word arguments[6] = {};
  int error = 0;  // EPERM or EACCES: it isn't to be seen
};

CallUnderWay call_of(pid_t process, pid_t thread);

/// Whether an epoll descriptor of `process` watches one of `copies`.
bool watches(pid_t process, int epoll, const std::vector<PairCopy>& copies);

/// Whether it has put a seccomp filter on itself, which this process hasn't.
bool has_own_filter(pid_t process);

/// Memory of another process. False: not all of it could be read.
bool read_memory(pid_t process, Word address, void* to, std::size_t size);

}  // namespace superd
