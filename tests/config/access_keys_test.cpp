// SPDX-License-Identifier: MIT
// `allow` and `deny`: what they take, what is wrong with what, and how it is said; list files.
#include "superd/config/access_keys.hpp"

#include "superd/config/emit.hpp"
#include "superd/config/list_file.hpp"
#include "tests/config/room.hpp"

using namespace superd;

namespace {

AccessRules access_with(const std::string& keys) {
  return Room().service(working_with(keys)).terms->access;
}

std::string decided(const AccessRules& access, const char* address) {
  const auto rule = decide(access, *parse_ip(address));
  return rule ? (rule->allows ? "allow " : "deny ") + rule->rule : "none";
}

Messages faults(const std::string& keys) { return Room().faults(working_with(keys)); }

}  // namespace

TEST_CASE("rules are networks, names, users and groups") {
  const AccessRules access = access_with(
      "allow: [192.0.2.0/24, 2001:db8::/32, '::1', Host.Example.ORG, .example.org, user:alice, "
      "group:mail]\n    deny: 192.0.2.66");
  CHECK(decided(access, "192.0.2.1") == "allow 192.0.2.0/24");
  CHECK(decided(access, "192.0.2.66") == "deny 192.0.2.66");
  CHECK(decided(access, "2001:db8::1") == "allow 2001:db8::/32");
  CHECK(decide(access, "host.example.org")->rule == "host.example.org");
  CHECK(decide(access, "a.example.org")->rule == ".example.org");
  CHECK(decide(access, UnixPeer{1000, 1, 1, {}}, {})->rule == "user:alice");
  CHECK(decide(access, UnixPeer{5, 8, 1, {}}, {})->rule == "group:mail");
  CHECK(decide(access, *parse_ip("192.0.2.66"))->place.line == 6);
}

TEST_CASE("nothing written is everyone, and an empty list is nobody") {
  CHECK(!access_with("").allow);
  CHECK(!access_with("allow: everyone").allow);
  const AccessRules access = access_with("allow: []");
  REQUIRE(access.allow);
  CHECK(access.allow->lists.empty());
  CHECK(access_with("deny: []").deny.lists.empty());
}

TEST_CASE("widest and oddest networks are what they are") {
  const AccessRules access =
      access_with("allow: ['::/0', 0.0.0.0/0]\n    deny: ['::1/128', '::ffff:10.0.0.0/104']");
  CHECK(decided(access, "203.0.113.1") == "allow 0.0.0.0/0");
  CHECK(decided(access, "2001:db8::1") == "allow ::/0");
  CHECK(decided(access, "::1") == "deny ::1");
  CHECK(decided(access, "10.1.2.3") == "deny 10.0.0.0/8");
}

TEST_CASE("what is no rule is said with its place and a remedy") {
  struct Row {
    const char *key, *message;
  };
  const Row row = GENERATE(values<Row>({
      {"allow: [10.0.0.0/33]",
       "5:13: service 'x': 'allow' is \"10.0.0.0/33\"; give a prefix length from 0 to 32 after the "
       "'/'"},
      {"deny: 10.0.0.256",
       "5:11: service 'x': 'deny' is \"10.0.0.256\"; give an address or a network, such as "
       "192.0.2.0/24 or 2001:db8::/32"},
      {"deny: '::ffff:0:0/90'",
       "5:11: service 'x': 'deny' is \"::ffff:0:0/90\"; it is partly IPv4; give at least /96, or "
       "the IPv4 network"},
      {"allow: '*.example.org'",
       "5:12: service 'x': 'allow' is \"*.example.org\"; give an address, a network such as "
       "192.0.2.0/24, a host name, a .domain, user:NAME or group:NAME"},
      {"allow: user:zoe",
       "5:12: service 'x': 'allow' is \"user:zoe\"; no such user; give one that exists"},
      {"allow: group:zoe",
       "5:12: service 'x': 'allow' is \"group:zoe\"; no such group; give one that exists"},
      {"allow:",
       "5:5: service 'x': 'allow' has no value; give a list of addresses, networks, names and "
       "@files, or []"},
      {"allow: '@/no/such/list'",
       "5:12: service 'x': list '/no/such/list': it can't be read: No such file or directory"},
      {"allow: '@/etc'", "5:12: service 'x': list '/etc': it is a directory; name a file in it"},
      {"allow: 10.0.0.7/8",
       "5:12: warning: service 'x': 'allow': '10.0.0.7/8' has bits beyond its length; it means "
       "10.0.0.0/8"},
      {"allow: 192.168.0.0",
       "5:12: warning: service 'x': 'allow': '192.168.0.0' is one address; for the network give "
       "192.168.0.0/16"},
  }));
  CAPTURE(row.key);
  const Room room;
  CHECK(room.faults(working_with(row.key)) == Messages{"t.yaml:" + std::string(row.message)});
}

TEST_CASE("rules that change nothing are warned of") {
  CHECK(
      faults("allow: [10.0.0.0/8, 10.0.0.0/8, 10.1.0.0/16]\n    deny: [10.2.0.0/16]") ==
      Messages{"t.yaml:5: warning: service 'x': 'allow': '10.0.0.0/8' is there already, in line 5",
               "t.yaml:5: warning: service 'x': 'allow 10.1.0.0/16' changes nothing: 'allow "
               "10.0.0.0/8' says so already (t.yaml:5)"});
  CHECK(faults("allow: [10.0.0.0/8]\n    deny: [10.0.0.0/8]") ==
        Messages{"t.yaml:5: warning: service 'x': 'allow 10.0.0.0/8' never applies: the same is in "
                 "deny (t.yaml:6)"});
  CHECK(faults("allow: [.x.org, .X.org]") ==
        Messages{"t.yaml:5: warning: service 'x': 'allow': '.x.org' is there already, in line 5"});
  // A narrower allow within a deny within an allow does change something.
  CHECK(faults("allow: [10.0.0.0/8, 10.1.2.0/24]\n    deny: [10.1.0.0/16]").empty());
  CHECK(faults("allow: ['::/0', 0.0.0.0/0]").empty());
}

TEST_CASE("a name that is denied where all networks are allowed is warned of") {
  CHECK(faults("allow: [0.0.0.0/0]\n    deny: [.x.org]") ==
        Messages{"t.yaml:6: warning: service 'x': 'deny .x.org' applies to no IPv4 address: 'allow "
                 "0.0.0.0/0' (t.yaml:5) decides first, for networks come before names; deny by "
                 "address"});
  CHECK(faults("allow: ['::/0', 0.0.0.0/0]\n    deny: [.x.org, .y.org]").size() == 2);
  CHECK(faults("allow: [.org, 10.0.0.0/8]\n    deny: [.x.org]").empty());
  CHECK(faults("allow: everyone\n    deny: [.x.org]").empty());
}

TEST_CASE("a list file has an entry a line, and comments") {
  const Room room;
  room.write("lists/a.txt",
             "# offices\n10.0.0.0/8\n\n  192.0.2.1  # one\r\n.example.org\nuser:bob\n");
  const Service service = room.service(working_with("allow: ['@lists/a.txt', '::1']"));
  const AccessRules& access = service.terms->access;
  CHECK(decided(access, "10.9.9.9") == "allow 10.0.0.0/8");
  CHECK(decided(access, "::1") == "allow ::1");
  const auto rule = decide(access, *parse_ip("192.0.2.1"));
  REQUIRE(rule);
  CHECK(to_text(rule->place) == room.path("lists/a.txt") + ":4");
  CHECK(decide(access, "x.example.org")->place.line == 5);
}

TEST_CASE("faults in a list are said at its lines, and only the first of very many") {
  const Room room;
  room.write("list", "10.0.0.0/8\n10.0.0.1/8\nwhat is this\n@other\n10.0.0.0/8\n");
  CHECK(
      room.faults(working_with("deny: '@list'")) ==
      Messages{"list:2: warning: '10.0.0.0/8' is there already, in line 1",
               "list:2:1: warning: '10.0.0.1/8' has bits beyond its length; it means 10.0.0.0/8",
               "list:3:1: 'what is this' is no rule; give an address, a network such as "
               "192.0.2.0/24, a host name, a .domain, user:NAME or group:NAME",
               "list:4:1: '@other' is no rule; give an address, a network such as 192.0.2.0/24, a "
               "host name, a .domain, user:NAME or group:NAME",
               "list:5: warning: '10.0.0.0/8' is there already, in line 1"});
  std::string bad;
  for (int i = 0; i < 1000; ++i) bad += "not a rule\n";
  room.write("list", bad);
  CHECK(room.faults(working_with("deny: '@list'")).size() == 21);
}

TEST_CASE("of a list that is within another the first entry is said") {
  const Room room;
  room.write("list", "10.0.0.1\n10.0.0.2\n10.0.0.3\n");
  CHECK(room.faults(working_with("deny: ['@list', 10.0.0.0/8]")) ==
        Messages{"list:1: warning: service 'x': 'deny 10.0.0.1' changes nothing: 'deny 10.0.0.0/8' "
                 "says so already (t.yaml:5); so it is with 2 more"});
}

TEST_CASE("services share a list, and a table is loaded in no time") {
  const Room room;
  std::string list, text = "defaults: {deny: '@list'}\nservices:\n";
  for (int i = 0; i < 100'000; ++i) {
    list += "10." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) + "." +
            std::to_string(i & 255) + "\n";
  }
  room.write("list", list);
  for (int i = 0; i < 100; ++i) {
    text +=
        "  s" + std::to_string(i) + ": {listen: " + std::to_string(1000 + i) + ", run: /bin/cat}\n";
  }
  text += "  t: {listen: 999, run: /bin/cat, deny: ['@list', '::1']}\n";
  const Loaded loaded = room.load(text);
  REQUIRE(loaded.table);
  const auto& services = loaded.table->services;
  CHECK(services[0]->terms.is_same(services[99]->terms));
  CHECK(services[0]->terms->access.deny.lists[0] == services[100]->terms->access.deny.lists[1]);
  CHECK(services[0]->terms->access.deny.lists[0]->networks.size() == 100'000);
}

TEST_CASE("a list is read again by itself") {
  const Room room;
  const std::string path = room.write("list", "10.0.0.0/8\n");
  const LoadedList first = load_list(path, room.host);
  REQUIRE(first.list);
  CHECK(first.list->networks.size() == 1);
  CHECK(*first.list == *load_list(path, room.host).list);
  room.write("list", "10.0.0.0/8\nnope/\n");
  const LoadedList faulty = load_list(path, room.host);
  CHECK(!faulty.list);
  REQUIRE(faulty.diagnostics.size() == 1);
  CHECK(to_text(faulty.diagnostics[0].place) == path + ":2:1");
  CHECK(!load_list(room.path("gone"), room.host).list);
}

TEST_CASE("rules are written as they are read") {
  const Room room;
  room.write("list", "10.0.0.0/8\n");
  const std::string key =
      "allow: [b.example.org, '::1', 192.0.2.0/24, user:alice, '@list', 10.0.0.0/9]\n    deny: []";
  const Loaded loaded = room.load(working_with(key));
  REQUIRE(loaded.table);
  const std::string text = emit_yaml(*loaded.table);
  CAPTURE(text);
  const Loaded again = room.load(text);
  REQUIRE(again.table);
  CHECK(*again.table->services[0] == *loaded.table->services[0]);
  CHECK(text.find("user:alice") != std::string::npos);
  CHECK(text.find(room.path("list")) != std::string::npos);
  CHECK(changed_keys(*again.table->services[0], *loaded.table->services[0]).empty());
}
