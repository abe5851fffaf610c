// SPDX-License-Identifier: MIT
// Which rule decides: as a table, and against a plain reference on random rules.
#include "superd/core/access.hpp"

#include <random>

#include "tests/catch.hpp"
#include "tests/core/rules.hpp"

using namespace superd;

namespace {

std::string decided(const AccessRules& access, const char* address) {
  const auto rule = decide(access, *parse_ip(address));
  return rule ? (rule->allows ? "allow " : "deny ") + rule->rule : "none";
}

}  // namespace

TEST_CASE("the closest rule decides, whichever list it is in, and a tie is a deny") {
  AccessRules access;
  access.allow = rules({"10.0.0.0/8", "10.1.2.0/24", "192.0.2.1", "fe80::%2/10"});
  access.deny = rules({"10.1.0.0/16", "192.0.2.1", "0.0.0.0/0", "fe80::/10"});
  CHECK(decided(access, "10.0.0.1") == "allow 10.0.0.0/8");
  CHECK(decided(access, "10.1.0.1") == "deny 10.1.0.0/16");
  CHECK(decided(access, "10.1.2.1") == "allow 10.1.2.0/24");
  CHECK(decided(access, "::ffff:10.1.2.1") == "allow 10.1.2.0/24");
  CHECK(decided(access, "192.0.2.1") == "deny 192.0.2.1");
  CHECK(decided(access, "203.0.113.1") == "deny 0.0.0.0/0");
  CHECK(decided(access, "::1") == "none");
  CHECK(decided(access, "fe80::1%2") == "allow fe80::%2/10");
  CHECK(decided(access, "fe80::1%3") == "deny fe80::/10");
}

TEST_CASE("several lists are one, and each rule tells where it is") {
  AccessRules access;
  access.allow = rules({"10.0.0.0/8"}, "a.yaml");
  access.allow->lists.push_back(rules({"::1", "10.1.0.0/16"}, "list").lists[0]);
  const auto rule = decide(access, *parse_ip("10.1.1.1"));
  REQUIRE(rule);
  CHECK(to_text(rule->place) == "list:2");
  const auto all = applied(access, *parse_ip("10.1.1.1"));
  REQUIRE(all.size() == 2);
  CHECK(all[1].rule == "10.0.0.0/8");
  CHECK(to_text(all[1].place) == "a.yaml:1");
}

TEST_CASE("names and accounts are decided alike") {
  AccessRules access;
  access.allow = rules({".example.org"});
  access.deny = rules({"bad.example.org", ".evil.example.org"});
  CHECK(has_names(access));
  CHECK(decide(access, "a.example.org")->allows);
  CHECK(!decide(access, "bad.example.org")->allows);
  CHECK(!decide(access, "x.evil.example.org")->allows);
  CHECK(!decide(access, "example.net"));
  CHECK(!has_names({rules({"::1"}), rules({})}));
}

TEST_CASE("random rules decide as a scan of all does") {
  std::mt19937 engine(4);
  const auto random = [&] { return static_cast<std::uint32_t>(engine()); };
  const auto any_network = [&] {
    // Few bits that differ, so that ties and nests are common.
    return network_of(ipv4(0x0A000000U | (random() & 0xFFU) << 12), 16 + random() % 9);
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<Network> allow(random() % 12), deny(random() % 12);
    for (Network& network : allow) network = any_network();
    for (Network& network : deny) network = any_network();
    AccessRules access;
    access.allow = rules(texts_of(allow));
    access.deny = rules(texts_of(deny));
    for (int i = 0; i < 50; ++i) {
      const IpAddress address = ipv4(0x0A000000U | (random() & 0xFFFFFU));
      int best = -1;
      bool allows = false;
      for (const Network& one : allow) {
        if (contains(one, address) && one.length > best) best = one.length, allows = true;
      }
      for (const Network& one : deny) {
        if (contains(one, address) && one.length >= best) best = one.length, allows = false;
      }
      const auto rule = decide(access, address);
      REQUIRE(rule.has_value() == (best >= 0));
      if (rule) REQUIRE(rule->allows == allows);
    }
  }
}
