// SPDX-License-Identifier: MIT
// Names and accounts of a list; its networks are those of network_set.
#include "superd/core/rule_list.hpp"

#include "tests/catch.hpp"

using namespace superd;

namespace {

using Texts = std::vector<std::string>;

Texts texts(const std::vector<RuleMatch>& found) {
  Texts rules;
  for (const RuleMatch& match : found) rules.push_back(match.rule);
  return rules;
}

RuleList names(std::vector<std::string> patterns) {
  RuleList list;
  std::uint32_t line = 0;
  for (const std::string& pattern : patterns) list.names.push_back({pattern, ++line});
  tidy(list);
  return list;
}

}  // namespace

TEST_CASE("names are labels of letters, digits, '-' and '_'") {
  CHECK(as_name_pattern("Host.Example.ORG") == "host.example.org");
  CHECK(as_name_pattern("host.example.org.") == "host.example.org");
  CHECK(as_name_pattern(".Example.org") == ".example.org");
  CHECK(as_name_pattern("localhost") == "localhost");
  CHECK(as_name_pattern("_x.a-b") == "_x.a-b");
  for (const char* text : {"", ".", "..", "a..b", "..a", "a b", "a/b", "*.example.org", "a.b..",
                           "caf\xC3\xA9.example"}) {
    CAPTURE(text);
    CHECK(as_name_pattern(text).empty());
  }
  CHECK(as_name_pattern(std::string(64, 'a')).empty());
  CHECK(!as_name_pattern(std::string(63, 'a')).empty());
}

TEST_CASE("a whole name is closer than a domain, and a long domain than a short one") {
  const RuleList list =
      names({".org", ".example.org", "a.example.org", ".a.example.org", "example.org"});
  CHECK(texts(matches(list, "a.example.org")) == Texts{"a.example.org", ".example.org", ".org"});
  CHECK(texts(matches(list, "A.EXAMPLE.ORG.")) == Texts{"a.example.org", ".example.org", ".org"});
  CHECK(texts(matches(list, "b.a.example.org")) == Texts{".a.example.org", ".example.org", ".org"});
  CHECK(texts(matches(list, "example.org")) == Texts{"example.org", ".org"});
  CHECK(texts(matches(list, "badexample.org")) == Texts{".org"});
  CHECK(matches(list, "org").empty());
  CHECK(matches(list, ".example.org").empty());
  CHECK(matches(list, "").empty());
  CHECK(matches(list, "a..org").empty());
  CHECK(matches(RuleList(), "a.example.org").empty());
}

TEST_CASE("closeness falls in the order of matches") {
  const RuleList list = names({".org", ".example.org", "a.example.org"});
  const auto found = matches(list, "a.example.org");
  REQUIRE(found.size() == 3);
  CHECK(found[0].closeness > found[1].closeness);
  CHECK(found[1].closeness > found[2].closeness);
  CHECK(found[0].line == 3);
}

TEST_CASE("a user is closer than a group, and any of a peer's groups counts") {
  RuleList list;
  list.accounts = {{AccountRule::Kind::group, 50, "staff", 1},
                   {AccountRule::Kind::user, 1000, "alice", 2},
                   {AccountRule::Kind::group, 1000, "alice", 3},
                   {AccountRule::Kind::user, 1000, "alice", 4}};
  tidy(list);
  CHECK(list.accounts.size() == 3);
  const std::vector<gid_t> groups = {7, 50};
  CHECK(texts(matches(list, UnixPeer{1000, 1000, 1, {}}, groups)) ==
        Texts{"user:alice", "group:staff", "group:alice"});
  CHECK(texts(matches(list, UnixPeer{1001, 1000, 1, {}}, {})) == Texts{"group:alice"});
  CHECK(matches(list, UnixPeer{50, 7, 1, {}}, {}).empty());
}

TEST_CASE("lists are equal by what they say, not by where") {
  RuleList a = names({"x.org", ".y.org"}), b = names({".y.org", "x.org", "x.org"});
  CHECK(a == b);
  a.networks = NetworkSet({{parse_network("10.0.0.0/8")->network, 5}});
  CHECK(!(a == b));
  b.networks = NetworkSet({{parse_network("10.0.0.0/8")->network, 9}});
  CHECK(a == b);
  b.path = "/etc/list";
  CHECK(!(a == b));
}
