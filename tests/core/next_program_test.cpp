// SPDX-License-Identifier: MIT
// When one more program is due, by a clock that is handed in.
#include "superd/core/next_program.hpp"

#include "tests/catch.hpp"

using namespace superd;

namespace {

// One program runs; `ms` after that these wait.
struct Scene {
  NextProgram next;
  NextProgram::Time begin{std::chrono::hours(1)};

  explicit Scene(const WhoWaits& at_start) { next.started(begin, at_start); }
  bool is_due(int ms, const WhoWaits& who) {
    const auto now = begin + Milliseconds(ms);
    const bool due = next.is_due(now, who);
    if (due) next.started(now, who);
    return due;
  }
  auto next_look() const {
    return std::chrono::duration_cast<Milliseconds>(next.next_look() - begin).count();
  }
};

}  // namespace

TEST_CASE("who still waits after a while needs another program, and not before") {
  Scene scene({"a", "b"});
  CHECK(!scene.is_due(50, {"a", "b"}));
  CHECK(!scene.is_due(99, {"b"}));
  CHECK(scene.next_look() == 100);
  CHECK(scene.is_due(100, {"b"}));
}

TEST_CASE("while programs take who comes, none is due, however many come") {
  Scene scene({"a"});
  for (int i = 1; i <= 50; ++i)
    CHECK(!scene.is_due(100 * i, {std::to_string(i), "then" + std::to_string(i)}));
}

TEST_CASE("who came since the last look has not waited for long") {
  Scene scene({"a"});
  CHECK(!scene.is_due(100, {"b"}));
  CHECK(!scene.is_due(150, {"b"}));
  CHECK(scene.is_due(200, {"b"}));
}

TEST_CASE("nobody waits, then somebody does") {
  Scene scene({"a"});
  CHECK(!scene.is_due(100, {}));
  CHECK(!scene.is_due(10'000, {"b"}));
  CHECK(!scene.is_due(10'050, {"b"}));
  CHECK(scene.is_due(10'100, {"b"}));
}

TEST_CASE("each who waits gets a program in their turn, as long as each takes one") {
  Scene scene({"a", "b", "c", "d"});
  CHECK(scene.is_due(100, {"b", "c", "d"}));
  CHECK(scene.is_due(200, {"c", "d"}));
  CHECK(scene.is_due(300, {"d"}));
  CHECK(!scene.is_due(400, {}));
}

TEST_CASE("programs that are slow to begin get ever longer, up to five seconds") {
  Scene scene({"a"});
  std::vector<long> starts;
  for (int ms = 0; ms <= 60'000; ms += 10)
    if (scene.is_due(ms, {"a"})) starts.push_back(ms);
  const std::vector<long> first(starts.begin(), starts.begin() + 7);
  CHECK(first == std::vector<long>{100, 300, 700, 1500, 3100, 6300, 11300});
  CHECK(starts.size() == 16);
}

TEST_CASE("once something is taken, patience is short again") {
  Scene scene({"a", "b"});
  CHECK(scene.is_due(100, {"a", "b"}));
  CHECK(scene.is_due(300, {"a", "b"}));
  CHECK(scene.is_due(700, {"b", "c"}));
  CHECK(scene.next_look() == 800);
}
