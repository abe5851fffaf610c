// SPDX-License-Identifier: MIT
// The earliest first, and none before its time.
#include "superd/relay/deadlines.hpp"

#include "tests/catch.hpp"

using namespace superd;
using namespace std::chrono_literals;

TEST_CASE("deadlines come in their order, and not before") {
  Deadlines deadlines;
  const Deadlines::Clock::time_point start{};
  CHECK(!deadlines.next());
  deadlines.add(start + 3s, 1);
  deadlines.add(start + 1s, 2);
  deadlines.add(start + 2s, 1);
  CHECK(deadlines.next() == start + 1s);
  CHECK(!deadlines.take_due(start + 999ms));
  CHECK(deadlines.take_due(start + 2s) == Deadlines::Entry(start + 1s, 2));
  CHECK(deadlines.take_due(start + 2s) == Deadlines::Entry(start + 2s, 1));
  CHECK(!deadlines.take_due(start + 2s));
  CHECK(deadlines.next() == start + 3s);
}
