// SPDX-License-Identifier: MIT
// What is given up, in a copy of the process: it is for good.
#include "superd/os/confinement.hpp"

#include <sys/prctl.h>

#include <cerrno>

#include "tests/fork.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

bool become_somebody() {
  if (geteuid() != 0) return true;
  return setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0;
}

}  // namespace

TEST_CASE("a confined process can gain nothing and can't be traced") {
  CHECK(in_a_child([] {
          if (!become_somebody()) return 1;
          if (!confine_process()) return 2;
          if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 3;
          return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 4;
        }) == 0);
}

TEST_CASE("root isn't confined") {
  if (geteuid() != 0) return skipped("needs root");
  const auto confined = confine_process();
  REQUIRE(!confined);
  CHECK(confined.error().number == EPERM);
}
