// SPDX-License-Identifier: MIT
// Who is banned, until when, what gives way, and what comes back after a restart.
#include "superd/core/bans.hpp"

#include "tests/catch.hpp"

using namespace superd;
using namespace std::chrono_literals;

namespace {

const Monotonic now{1000s};
const Moment wall = *parse_timestamp("2026-11-22T10:00:00Z");

Ban ban(const char* network, Milliseconds lasts, bool by_hand = false) {
  return {parse_network(network)->network, "trap 'x'", by_hand, lasts, now + lasts};
}

Network network(const char* text) { return parse_network(text)->network; }

bool bans_it(const Bans& bans, const char* address, Monotonic time = now) {
  return bans.find(*parse_ip(address), time) != nullptr;
}

}  // namespace

TEST_CASE("a ban holds for its network until its time is over") {
  Bans bans({1, 2});
  CHECK(!bans_it(bans, "192.0.2.1"));
  REQUIRE(bans.add(ban("192.0.2.1", 30min)).has_value());
  REQUIRE(bans.add(ban("2001:db8::/64", 10min)).has_value());
  REQUIRE(bans.add(ban("fe80::%2/64", 10min)).has_value());
  CHECK(bans_it(bans, "192.0.2.1"));
  CHECK(bans_it(bans, "::ffff:192.0.2.1"));
  CHECK(!bans_it(bans, "192.0.2.2"));
  CHECK(bans_it(bans, "2001:db8::5"));
  CHECK(!bans_it(bans, "2001:db8:0:1::5"));
  CHECK(bans_it(bans, "fe80::9%2"));
  CHECK(!bans_it(bans, "fe80::9%3"));
  CHECK(bans_it(bans, "2001:db8::5", now + 10min - 1ms));
  CHECK(!bans_it(bans, "2001:db8::5", now + 10min));
  CHECK(bans.next_end() == now + 10min);
  CHECK(bans.expire(now + 10min).size() == 2);
  CHECK(bans.size() == 1);
  CHECK(bans.remove(network("192.0.2.1")));
  CHECK(!bans.remove(network("192.0.2.1")));
  CHECK(!bans.next_end());
}

TEST_CASE("the narrowest ban is named") {
  Bans bans({1, 2});
  REQUIRE(bans.add(ban("192.0.2.0/24", 1h, true)).has_value());
  REQUIRE(bans.add(ban("192.0.2.1", 1min)).has_value());
  CHECK(to_text(bans.find(*parse_ip("192.0.2.1"), now)->network) == "192.0.2.1");
  CHECK(to_text(bans.find(*parse_ip("192.0.2.1"), now + 2min)->network) == "192.0.2.0/24");
  CHECK(bans.all().size() == 2);
  CHECK(bans.all()[0].lasts == 1min);
}

TEST_CASE("a trap can lengthen its own bans, never shorten any, nor touch one made by hand") {
  Bans bans({1, 2});
  REQUIRE(bans.add(ban("192.0.2.1", 30min)).has_value());
  REQUIRE(bans.add(ban("192.0.2.1", 10min)).has_value());
  CHECK(bans.all()[0].lasts == 30min);
  REQUIRE(bans.add(ban("192.0.2.1", 40min)).has_value());
  CHECK(bans.all()[0].lasts == 40min);
  REQUIRE(bans.add(ban("192.0.2.1", 1min, true)).has_value());
  CHECK(bans.all()[0].lasts == 1min);
  REQUIRE(bans.add(ban("192.0.2.1", 40min)).has_value());
  CHECK(bans.all()[0].lasts == 1min);
  CHECK(bans.size() == 1);
}

TEST_CASE("when it is full, the trap's ban that ends first gives way, and never one made by hand") {
  Bans bans({1, 2}, 3);
  REQUIRE(bans.add(ban("192.0.2.1", 1min, true)).has_value());
  REQUIRE(bans.add(ban("192.0.2.2", 2min)).has_value());
  REQUIRE(bans.add(ban("192.0.2.3", 3min)).has_value());
  REQUIRE(bans.add(ban("192.0.2.4", 1min)).has_value());
  CHECK(bans.size() == 3);
  CHECK(bans_it(bans, "192.0.2.1"));
  CHECK(!bans_it(bans, "192.0.2.2"));
  CHECK(bans_it(bans, "192.0.2.4"));
  REQUIRE(bans.add(ban("192.0.2.5", 1min, true)).has_value());
  REQUIRE(bans.add(ban("192.0.2.6", 1min, true)).has_value());
  CHECK(bans.add(ban("192.0.2.7", 1min, true)).error().text.find("there are 3 bans made by hand") ==
        0);
  CHECK(!bans.add(ban("192.0.2.8", 1min)).has_value());
  CHECK(bans.size() == 3);
}

TEST_CASE("bans come back with the time that is left") {
  Bans bans({1, 2});
  REQUIRE(bans.add(ban("192.0.2.1", 30min)).has_value());
  REQUIRE(bans.add(ban("2001:db8::/64", 1h, true)).has_value());
  const std::string saved = bans.save(now + 10min, wall + 10min);
  const auto restored = [&](Milliseconds later) {
    Bans other({3, 4});
    REQUIRE(other.restore(saved, Monotonic(5s), wall + 10min + later).has_value());
    return other.all();
  };
  const auto at_once = restored(0ms);
  REQUIRE(at_once.size() == 2);
  CHECK(at_once[0].until - Monotonic(5s) == 20min);
  CHECK(at_once[0].reason == "trap 'x'");
  CHECK(!at_once[0].by_hand);
  CHECK(at_once[1].by_hand);
  CHECK(to_text(at_once[1].network) == "2001:db8::/64");
  CHECK(restored(25min).size() == 1);
  CHECK(restored(2h).empty());
  // A clock that has gone back a day: at most as long as at first.
  const auto back = restored(-24h);
  REQUIRE(back.size() == 2);
  CHECK(back[0].until - Monotonic(5s) == 30min);
  CHECK(back[1].until - Monotonic(5s) == 1h);
}

TEST_CASE("what makes no sense in a saved file is said and left out") {
  Bans bans({1, 2});
  CHECK(!bans.restore("", now, wall).has_value());
  CHECK(!bans.restore("{}", now, wall).has_value());
  CHECK(!bans.restore("[1", now, wall).has_value());
  const char* mixed = R"([1, {}, {"network":"x","until":"2026-11-22T11:00:00Z","lasts_ms":5},
    {"network":"::1","until":"soon","lasts_ms":3600000},
    {"network":"::1","until":"2026-11-22T11:00:00Z","lasts_ms":"x"},
    {"network":"::2","until":"2026-11-22T11:00:00Z","lasts_ms":-1},
    {"network":"::3","until":"2026-11-22T11:00:00+01:00","lasts_ms":3600000},
    {"network":"::4","until":"2026-11-22T11:00:00Z","lasts_ms":3600000,"more":1}])";
  const auto restored = bans.restore(mixed, now, wall);
  REQUIRE(restored.has_value());
  CHECK(restored->added == 1);
  CHECK(bans_it(bans, "::4"));
  CHECK(restored->faults ==
        std::vector<std::string>{
            "entry 1: it is no ban", "entry 2: it has no 'network'",
            "entry 3: its 'network' is \"x\"", "entry 4: its 'until' is \"soon\"",
            "entry 5: its 'lasts_ms' is \"x\"", "entry 6: its 'lasts_ms' is -1"});  // 7 is over
  std::string many = "[0";
  for (int i = 0; i < 99; ++i) many += ",0";
  const auto none = bans.restore(many + "]", now, wall);
  REQUIRE(none.has_value());
  CHECK(none->faults.size() == 10);
  CHECK(none->more_faults == 90);
}
