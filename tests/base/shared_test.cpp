// SPDX-License-Identifier: MIT
// Values that many hold.
#include "superd/base/shared.hpp"

#include <string>

#include "tests/catch.hpp"

using namespace superd;

TEST_CASE("a shared value reads and compares as the value") {
  const Shared<std::string> empty, one(std::string("one")), other(std::string("one"));
  CHECK(empty->empty());
  CHECK(*one == "one");
  CHECK(one == other);
  CHECK(!one.is_same(other));
  CHECK(one != empty);
  CHECK(empty == Shared<std::string>(std::string()));
  CHECK(one == std::string("one"));
}

TEST_CASE("a change is seen by nobody else") {
  Shared<std::string> one(std::string("one"));
  const Shared<std::string> copy = one;
  CHECK(copy.is_same(one));
  one.edit([](std::string& text) { text += " more"; });
  CHECK(*one == "one more");
  CHECK(*copy == "one");
}

TEST_CASE("a pool has each value once, and the standard one from the start") {
  Pool<std::string> pool;
  const Shared<std::string> one = pool.share("one");
  CHECK(*one == "one");
  CHECK(pool.share("one").is_same(one));
  CHECK(!pool.share("two").is_same(one));
  CHECK(pool.share("").is_same(Shared<std::string>()));
}
