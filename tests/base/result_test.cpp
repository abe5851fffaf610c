// SPDX-License-Identifier: MIT
// Failures in words, places in words, and what a value taken from a failure is: a bug.
#include "superd/base/result.hpp"

#include <cerrno>
#include <stdexcept>

#include "superd/base/place.hpp"
#include "tests/catch.hpp"

using namespace superd;

TEST_CASE("system errors say what and why") {
  const Error error = system_error("bind", EADDRINUSE);
  CHECK(error.text == "bind: Address already in use");
  CHECK(error.number == EADDRINUSE);
}

TEST_CASE("a value taken from a failure is a bug") {
  const Result<int> failed = Error{"no such thing"};
  CHECK_THROWS_AS(failed.value(), std::logic_error);
}

TEST_CASE("places are printed as compilers print them") {
  const auto file = std::make_shared<const std::string>("conf/x.yaml");
  CHECK(to_text(Place{file, 7, 12}) == "conf/x.yaml:7:12");
  CHECK(to_text(Place{file, 0, 0}) == "conf/x.yaml");
  CHECK(to_text(Place{}) == "command line");
}
