// SPDX-License-Identifier: MIT
// Key, length and every byte count, and nothing shows in the value.
#include "superd/base/keyed_hash.hpp"

#include <set>
#include <string>

#include "tests/catch.hpp"

using namespace superd;

TEST_CASE("key, length and bytes all count") {
  std::set<std::uint64_t> seen;
  for (std::size_t length = 0; length < 40; ++length) {
    CHECK(seen.insert(keyed_hash({1, 2}, std::string(length, '\0'))).second);
    CHECK(seen.insert(keyed_hash({1, 3}, std::string(length, '\0'))).second);
    CHECK(seen.insert(keyed_hash({2, 2}, std::string(length, '\0'))).second);
    for (std::size_t i = 0; i < length; ++i) {
      std::string bytes(length, '\0');
      bytes[i] = 1;
      CHECK(seen.insert(keyed_hash({1, 2}, bytes)).second);
    }
  }
  CHECK(keyed_hash({1, 2}, "abc") == keyed_hash({1, 2}, "abc"));
}

TEST_CASE("every bit of the input moves about half of the output") {
  int moved = 0;
  for (unsigned bit = 0; bit < 128; ++bit) {
    std::string bytes(16, 'x');
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    moved +=
        __builtin_popcountll(keyed_hash({5, 6}, bytes) ^ keyed_hash({5, 6}, std::string(16, 'x')));
  }
  CHECK(moved > 128 * 28);
  CHECK(moved < 128 * 36);
}
