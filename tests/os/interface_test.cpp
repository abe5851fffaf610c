// SPDX-License-Identifier: MIT
// Names, numbers, and what a socket is bound to.
#include "superd/os/interface.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include "superd/os/fd.hpp"
#include "tests/telling.hpp"

using namespace superd;

TEST_CASE("an interface has a number, and a name by it") {
  const auto lo = interface_index("lo");
  REQUIRE(lo != 0);
  CHECK(interface_name(lo) == "lo");
  CHECK(interface_index("no-such-one") == 0);
  CHECK(interface_index("") == 0);
  CHECK(interface_name(0).empty());
  CHECK(interface_name(4'000'000'000U).empty());
}

TEST_CASE("a socket is bound to an interface, and to another one by who may") {
  const UniqueFd any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto lo = interface_index("lo");
  CHECK(bound_interface(any.get()) == 0);
  if (!bind_to_interface(any.get(), lo)) return skipped("may not be bound to an interface");
  CHECK(bound_interface(any.get()) == lo);
  const auto again = bind_to_interface(any.get(), 0);
  if (geteuid() == 0) CHECK(again);
  CHECK(bound_interface(any.get()) == (again ? 0 : lo));
  CHECK(bound_interface(-1) == 0);
  CHECK(!bind_to_interface(-1, lo));
}
