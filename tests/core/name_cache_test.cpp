// SPDX-License-Identifier: MIT
// What is kept, how long, and how much of it.
#include "superd/core/name_cache.hpp"

#include "tests/catch.hpp"

using namespace superd;
using namespace std::chrono_literals;

namespace {

const NameCache::Time start{};

LookupOutcome named(const std::string& name) { return ConfirmedNames{{name}}; }

}  // namespace

TEST_CASE("names are kept for a minute, and that there are none for ten seconds") {
  NameCache cache;
  CHECK(cache.find(ipv4(1), start) == nullptr);
  cache.keep(ipv4(1), named("a"), start);
  cache.keep(ipv4(2), ConfirmedNames{}, start);
  cache.keep(ipv4(3), LookupFailed{}, start);
  REQUIRE(cache.find(ipv4(1), start + 59s));
  CHECK(*cache.find(ipv4(1), start + 59s) == named("a"));
  CHECK(cache.find(ipv4(1), start + 60s) == nullptr);
  for (const std::uint32_t nothing : {2U, 3U}) {
    CHECK(cache.find(ipv4(nothing), start + 9s) != nullptr);
    CHECK(cache.find(ipv4(nothing), start + 10s) == nullptr);
  }
  CHECK(cache.size() == 0);
}

TEST_CASE("what is learned anew replaces what was known") {
  NameCache cache;
  cache.keep(ipv4(1), ConfirmedNames{}, start);
  cache.keep(ipv4(1), named("b"), start + 5s);
  CHECK(cache.size() == 1);
  CHECK(*cache.find(ipv4(1), start + 64s) == named("b"));
}

TEST_CASE("a million addresses take no more than their place") {
  NameCache cache;
  for (std::uint32_t i = 0; i < 1'000'000; ++i) cache.keep(ipv4(i), named("a"), start);
  CHECK(cache.size() == 4096);
  CHECK(cache.find(ipv4(1'000'000 - 4096), start) != nullptr);
  CHECK(cache.find(ipv4(1'000'000 - 4097), start) == nullptr);
}

TEST_CASE("an address on another link is another address") {
  NameCache cache;
  cache.keep(*parse_ip("fe80::1%2"), named("a"), start);
  CHECK(cache.find(*parse_ip("fe80::1%3"), start) == nullptr);
}
