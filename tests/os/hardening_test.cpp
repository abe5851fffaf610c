// SPDX-License-Identifier: MIT
// Out of a tracer's reach. In a copy of the process: it is for good.
#include "superd/os/hardening.hpp"

#include <sys/prctl.h>

#include <cstdlib>

#include "tests/fork.hpp"
#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;

TEST_CASE("superd can't be dumped or traced, or says which setting prevents it") {
  const int suid_dumpable = std::atoi(text_of("/proc/sys/fs/suid_dumpable").c_str());
  CHECK(in_a_child([suid_dumpable] {
          const auto closed = close_to_tracers();
          if (suid_dumpable == 1)
            return !closed && closed.error().text.find("fs.suid_dumpable") != std::string::npos ? 0
                                                                                                : 1;
          return closed && prctl(PR_GET_DUMPABLE) == 0 ? 0 : 2;
        }) == 0);
}
