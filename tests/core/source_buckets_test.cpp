// SPDX-License-Identifier: MIT
// Buckets of sources when there is room, and when there is none: bounded, never too generous.
#include "superd/core/source_buckets.hpp"

#include <map>
#include <random>

#include "superd/base/keyed_hash.hpp"
#include "tests/catch.hpp"

using namespace superd;
using namespace std::chrono_literals;

namespace {

using Who = SourceBuckets::Who;

constexpr Rate slow{1, 60s, 3};  // a token a minute, three at once

Who who(std::uint64_t source, std::uint64_t neighbourhood = 0, std::uint64_t service = 1) {
  const HashKey key{1, 2};
  const auto hash = [&](std::uint64_t number) {
    return keyed_hash(key, {reinterpret_cast<const char*>(&number), sizeof number});
  };
  return {hash(source), hash(neighbourhood << 40 | service << 60), service};
}

bool tries(SourceBuckets& buckets, const Who& one, const Rate& rate, Microseconds now) {
  if (buckets.find(one, now).wait(rate, now) > 0us) return false;
  buckets.spend(one, rate, now);
  return true;
}

int successes(SourceBuckets& buckets, const Who& one, const Rate& rate, Microseconds now, int of) {
  int count = 0;
  for (int i = 0; i < of; ++i) count += tries(buckets, one, rate, now) ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("a source spends what it has, and gets it back with time") {
  SourceBuckets buckets;
  CHECK(successes(buckets, who(1), slow, 1s, 10) == 3);
  CHECK(buckets.find(who(1), 1s).wait(slow, 1s) == 60s);
  CHECK(successes(buckets, who(2), slow, 1s, 10) == 3);
  CHECK(successes(buckets, who(1), slow, 61s, 10) == 1);
  CHECK(successes(buckets, who(1), slow, 24h, 10) == 3);
}

TEST_CASE("a million sources stay within the bound, and none gets more than its own") {
  SourceBuckets buckets(4096);
  std::map<std::uint64_t, int> early;
  for (std::uint64_t i = 0; i < 100; ++i) early[i] = successes(buckets, who(i), slow, 1s, 3);
  std::uint64_t admitted = 0;
  for (std::uint64_t i = 100; i < 1'000'000; ++i) admitted += tries(buckets, who(i), slow, 2s);
  CHECK(buckets.bytes() <= buckets.bound());
  CHECK(admitted >= 3500);
  for (const auto& [source, count] : early) {
    CHECK(count == 3);
    CHECK(!tries(buckets, who(source), slow, 3s));
  }
}

TEST_CASE("those who found no room are still held to their rate when there is room again") {
  SourceBuckets buckets(8);
  for (std::uint64_t i = 0; i < 8; ++i) CHECK(tries(buckets, who(i), Rate{1, 10s, 3}, 1s));
  // No room: it counts in the cells.
  CHECK(successes(buckets, who(100), slow, 1s, 10) == 3);
  // The others are full again and give way; it takes a place of its own, with what it owes.
  CHECK(successes(buckets, who(100), slow, 30s, 10) == 0);
  CHECK(successes(buckets, who(100), slow, 61s, 10) == 1);
  CHECK(successes(buckets, who(100), slow, 62s, 10) == 0);
}

TEST_CASE("no pattern of sources ever gets more than its rate") {
  std::mt19937_64 random(9);
  const Rate rate{2, 1s, 4};
  for (int round = 0; round < 10; ++round) {
    SourceBuckets buckets(16);
    std::map<std::uint64_t, std::vector<Microseconds>> starts;
    Microseconds now = 1s;
    for (int i = 0; i < 5000; ++i) {
      now += Microseconds(random() % 20'000);
      const std::uint64_t source = random() % 60;
      if (tries(buckets, who(source, source / 8), rate, now)) starts[source].push_back(now);
    }
    for (const auto& [source, times] : starts) {
      for (std::size_t i = 0; i < times.size(); ++i) {
        for (std::size_t k = i + 4; k < times.size(); ++k) {
          const auto most = 4 + (times[k] - times[i]) / 500ms;
          REQUIRE(static_cast<Microseconds::rep>(k - i + 1) <= most);
        }
      }
    }
  }
}

TEST_CASE("a flood from one network fills its own cells only") {
  SourceBuckets buckets(1024);
  for (std::uint64_t i = 0; i < 200'000; ++i) tries(buckets, who(i, 7), slow, 1s);
  int served = 0;
  for (std::uint64_t i = 0; i < 200; ++i)
    served += tries(buckets, who(1'000'000 + i, 100 + i), slow, 1s);
  CHECK(served >= 198);
  int flooders = 0;
  for (std::uint64_t i = 0; i < 200; ++i)
    flooders += tries(buckets, who(2'000'000 + i, 7), slow, 1s);
  CHECK(flooders == 0);
}

TEST_CASE("a flood of one service leaves the sources of another alone") {
  SourceBuckets buckets(1024);
  for (std::uint64_t i = 0; i < 200'000; ++i) tries(buckets, who(i, i), slow, 1s);
  int served = 0;
  for (std::uint64_t i = 0; i < 200; ++i) served += tries(buckets, who(i, i, 2), slow, 1s);
  CHECK(served == 200);
}

TEST_CASE("when all are full again the memory goes") {
  SourceBuckets buckets;
  for (std::uint64_t i = 0; i < 100'000; ++i) buckets.spend(who(i), slow, 1s);
  CHECK(buckets.bytes() > 1'000'000);
  buckets.spend(who(1), slow, 24h);
  CHECK(buckets.bytes() < 8192);
}
