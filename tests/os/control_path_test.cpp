// SPDX-License-Identifier: MIT
// The default place of the control socket, for root and for others.
#include "superd/os/control_path.hpp"

#include <stdlib.h>

#include <string>

#include "tests/catch.hpp"
#include "tests/fork.hpp"

using namespace superd;

namespace {

// Far above what accounts have, so that no /run/user/UID exists.
constexpr uid_t nobody_here = 3'999'999'999;

bool become(uid_t user) { return geteuid() != 0 || setuid(user) == 0; }

}  // namespace

TEST_CASE("root's control socket is in /run, whatever the environment says") {
  if (geteuid() != 0) return;
  CHECK(in_a_child([] {
          setenv("XDG_RUNTIME_DIR", "/elsewhere", 1);
          return default_control_path() == "/run/superd/control.sock" ? 0 : 1;
        }) == 0);
}

TEST_CASE("others have it in their own runtime folder") {
  CHECK(in_a_child([] {
          setenv("XDG_RUNTIME_DIR", "/run/mine", 1);
          return become(nobody_here) && default_control_path() == "/run/mine/superd/control.sock"
                     ? 0
                     : 1;
        }) == 0);
}

TEST_CASE("a relative or empty XDG_RUNTIME_DIR counts as none") {
  for (const char* value : {"", "run/mine"}) {
    CAPTURE(value);
    CHECK(in_a_child([&] {
            setenv("XDG_RUNTIME_DIR", value, 1);
            if (!become(nobody_here)) return 1;
            const auto path = default_control_path();
            return !path || path->starts_with("/run/user/") ? 0 : 2;
          }) == 0);
  }
}
