// SPDX-License-Identifier: MIT
// The set against a scan of all its networks: random ones, and those that nest as deep as can be.
// Its memory, counted; its speed is told by `core_tests "[.speed]"`.
#include "superd/core/network_set.hpp"

#include <chrono>
#include <cstdio>
#include <random>

#include "tests/catch.hpp"

using namespace superd;

namespace {

using Entry = NetworkSet::Entry;
using Entries = std::vector<Entry>;
using Random = std::mt19937_64;

Network network(const char* text) { return parse_network(text)->network; }
IpAddress ip(const char* text) { return *parse_ip(text); }

unsigned below(Random& random, unsigned limit) { return static_cast<unsigned>(random() % limit); }

// `alike`: how many of the leading bits are the same in all, so that many networks nest.
IpAddress any_address(Random& random, bool v6, unsigned alike) {
  IpAddress address;
  address.v6 = v6;
  for (std::size_t i = 0; i < (v6 ? 16U : 4U); ++i) {
    address.bytes[i] = static_cast<std::uint8_t>(random());
  }
  const Network common = network_of(address, alike);
  for (std::size_t i = 0; i < 16; ++i) address.bytes[i] ^= common.address.bytes[i];
  if (v6 && below(random, 4) == 0) address.scope = 1 + below(random, 3);
  return address;
}

Entries any_entries(Random& random, std::size_t count, bool v6, unsigned alike) {
  Entries entries;
  for (std::uint32_t i = 0; i < count; ++i) {
    const IpAddress address = any_address(random, v6, alike);
    const unsigned longest = longest_prefix(address);
    entries.push_back({network_of(address, alike + below(random, longest - alike + 1)), i});
  }
  return entries;
}

std::optional<Entry> scan(const Entries& entries, const IpAddress& address) {
  const Entry* best = nullptr;
  const auto rank = [](const Entry& entry) {
    return std::pair(entry.network.length, entry.network.address.scope != 0);
  };
  for (const Entry& entry : entries) {
    if (!contains(entry.network, address)) continue;
    if (best == nullptr || rank(entry) > rank(*best)) best = &entry;
  }
  return best == nullptr ? std::nullopt : std::optional(*best);
}

// An address in a network or right beside it: where faults would be.
IpAddress near(Random& random, const Network& network) {
  IpAddress address = network.address;
  const unsigned longest = longest_prefix(address);
  const unsigned flips = below(random, 3);
  for (unsigned i = 0; i < flips; ++i) {
    const unsigned bit = below(random, longest);
    address.bytes[bit / 8] ^= static_cast<std::uint8_t>(0x80U >> (bit % 8));
  }
  if (address.v6 && below(random, 2) == 0) address.scope = below(random, 4);
  return address;
}

void compare(Random& random, const Entries& entries, int questions) {
  const NetworkSet set(entries);
  for (int i = 0; i < questions; ++i) {
    const Entry& one = entries[random() % entries.size()];
    const IpAddress address = below(random, 4) == 0 ? any_address(random, one.network.address.v6, 0)
                                                    : near(random, one.network);
    const auto found = set.find(address), expected = scan(entries, unmapped(address));
    if (found != expected) {
      CAPTURE(to_text(address), found ? to_text(found->network) : "none");
      CHECK(found == expected);
    }
    const auto all = set.find_all(address);
    CHECK(all.empty() == !found);
    if (found && !all.empty()) CHECK(all.front() == *found);
  }
}

}  // namespace

TEST_CASE("an empty set holds nothing and takes nothing") {
  const NetworkSet set;
  CHECK(!set.find(ip("192.0.2.1")));
  CHECK(!set.find(ip("::1")));
  CHECK(!set.find(ip("fe80::1%2")));
  CHECK(set.find_all(ip("::1")).empty());
  CHECK(set.bytes() == 0);
}

TEST_CASE("the narrowest network is found, and then the wider ones") {
  const NetworkSet set({{network("0.0.0.0/0"), 1},
                        {network("10.0.0.0/8"), 2},
                        {network("10.0.0.0/24"), 3},
                        {network("10.0.0.1"), 4},
                        {network("10.255.255.255"), 5},
                        {network("255.255.255.255"), 6},
                        {network("::/0"), 7},
                        {network("::1"), 8},
                        {network("fe80::/10"), 9},
                        {network("fe80::%2/10"), 10}});
  struct Row {
    const char* address;
    std::vector<std::uint32_t> values;
  };
  const Row row = GENERATE(values<Row>({{"10.0.0.1", {4, 3, 2, 1}},
                                        {"10.0.0.2", {3, 2, 1}},
                                        {"::ffff:10.0.0.2", {3, 2, 1}},
                                        {"10.0.1.0", {2, 1}},
                                        {"10.255.255.255", {5, 2, 1}},
                                        {"9.255.255.255", {1}},
                                        {"0.0.0.0", {1}},
                                        {"255.255.255.255", {6, 1}},
                                        {"::1", {8, 7}},
                                        {"::", {7}},
                                        {"fe80::1", {9, 7}},
                                        {"fe80::1%1", {9, 7}},
                                        {"fe80::1%2", {10, 9, 7}}}));
  CAPTURE(row.address);
  std::vector<std::uint32_t> values;
  for (const Entry& entry : set.find_all(ip(row.address))) values.push_back(entry.value);
  CHECK(values == row.values);
  CHECK(set.find(ip(row.address))->value == row.values.front());
}

TEST_CASE("of two entries for one network the first counts") {
  const NetworkSet set({{network("10.0.0.0/8"), 7}, {network("::ffff:10.0.0.0/104"), 8}});
  CHECK(set.size() == 1);
  CHECK(set.find(ip("10.1.1.1"))->value == 7);
  CHECK(set.entries() == Entries{{network("10.0.0.0/8"), 7}});
}

TEST_CASE("random sets answer as a scan of all does") {
  Random random(20261122);
  for (int round = 0; round < 40; ++round) {
    const bool v6 = round % 2 == 0;
    const unsigned alike = below(random, v6 ? 121 : 28);
    compare(random, any_entries(random, 1 + below(random, 200), v6, alike), 400);
  }
}

TEST_CASE("sets of both families with few bits that differ answer as a scan does") {
  Random random(7);
  for (int round = 0; round < 20; ++round) {
    Entries entries = any_entries(random, 150, true, 112);
    for (Entry& entry : any_entries(random, 150, false, 20)) entries.push_back(entry);
    compare(random, entries, 300);
  }
}

TEST_CASE("networks in each other, as deep as an address is long") {
  Random random(1);
  for (const char* text : {"255.255.255.255", "0.0.0.0", "170.170.170.170",
                           "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::1"}) {
    Entries entries;
    for (unsigned length = 0; length <= longest_prefix(ip(text)); ++length) {
      entries.push_back({network_of(ip(text), length), length});
    }
    std::shuffle(entries.begin(), entries.end(), random);
    compare(random, entries, 1000);
  }
}

TEST_CASE("100,000 networks take the memory that is promised") {
  Random random(3);
  const NetworkSet v4(any_entries(random, 100'000, false, 0));
  const NetworkSet v6(any_entries(random, 100'000, true, 0));
  CHECK(v4.bytes() <= 16 * v4.size());
  CHECK(v6.bytes() <= 28 * v6.size() + 1024);
}

TEST_CASE("how long a look takes", "[.speed]") {
  Random random(5);
  for (const bool v6 : {false, true}) {
    std::vector<IpAddress> asked;
    for (int i = 0; i < 4096; ++i) asked.push_back(any_address(random, v6, 0));
    for (const std::size_t count : {10UL, 100'000UL}) {
      const NetworkSet set(any_entries(random, count, v6, 0));
      const auto begin = std::chrono::steady_clock::now();
      std::uint64_t found = 0;
      for (int round = 0; round < 500; ++round) {
        for (const IpAddress& address : asked) found += set.find(address) ? 1 : 0;
      }
      const std::chrono::duration<double, std::nano> time =
          std::chrono::steady_clock::now() - begin;
      std::printf("%s, %zu networks: %.0f ns a look, %.1f bytes each, %llu found\n",
                  v6 ? "IPv6" : "IPv4", set.size(), time.count() / 500 / 4096,
                  static_cast<double>(set.bytes()) / static_cast<double>(set.size()),
                  static_cast<unsigned long long>(found));
    }
  }
}
