// SPDX-License-Identifier: MIT
// Pipes are used again, and a few are kept.
#include "superd/relay/workspace.hpp"

#include <sys/resource.h>

#include "tests/catch.hpp"

using namespace superd;

TEST_CASE("a pipe that is given back is the next one") {
  Workspace space;
  auto pipe = space.borrow();
  REQUIRE(pipe);
  const int number = pipe->read_end.get();
  space.give_back(std::move(*pipe));
  const auto again = space.borrow();
  REQUIRE(again);
  CHECK(again->read_end.get() == number);
}

TEST_CASE("without descriptors there is none") {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{0, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  Workspace space;
  const bool is_there = space.borrow().has_value();
  setrlimit(RLIMIT_NOFILE, &before);
  CHECK(!is_there);
}
