// SPDX-License-Identifier: MIT
// refuse() as a table: each reason by itself, the order of all, who is asked for a name, and what
// explain() tells.
#include "superd/core/admission.hpp"

#include <chrono>
#include <cstdio>
#include <random>

#include "tests/catch.hpp"
#include "tests/core/rules.hpp"

using namespace superd;
using namespace std::chrono_literals;

namespace {

const Monotonic now{1000s};

// A service and a peer for which every question says no; each test takes some of them away.
struct Setting {
  Terms terms;
  Peer peer =
      InetPeer{Transport::tcp, {*parse_ip("192.0.2.66"), 50212}, {*parse_ip("192.0.2.1"), 79}};
  PeerName name;
  HostsAccess hosts_access = HostsAccess::unasked;
  std::optional<LocalTime> local = LocalTime{0, 12 * 60};
  std::vector<gid_t> groups;
  std::uint32_t load = 0;
  std::uint32_t most_instances = 0;
  Bans bans{{1, 2}};
  Ledger ledger{{1, 2}};

  Service service() const {
    Service service;
    service.name = std::string("x");
    service.terms = terms;
    return service;
  }
  Facts facts() const {
    Facts facts{peer, now, ledger};
    facts.bans = &bans;
    facts.groups = groups;
    facts.name = name;
    facts.hosts_access = hosts_access;
    facts.local = local;
    facts.load = load;
    facts.most_instances = most_instances;
    return facts;
  }
  std::string answer() const {
    const auto refusal = refuse(service(), facts());
    return refusal ? to_text(*refusal) : "admitted";
  }
  void run() { ledger.begin("x", terms.limits, source_of(terms.limits, peer), now); }
};

std::string reason_of(const Setting& setting) {
  const auto refusal = refuse(setting.service(), setting.facts());
  return refusal ? name_of(refusal->reason) : "admitted";
}

PeerName known(const char* name) { return {PeerName::State::known, name}; }

}  // namespace

TEST_CASE("a service without terms admits everyone") {
  Setting setting;
  CHECK(setting.answer() == "admitted");
  setting.peer = UnixPeer{1000, 1000, 4711, {}};
  CHECK(setting.answer() == "admitted");
}

TEST_CASE("every reason has its words") {
  Setting setting;
  Terms& terms = setting.terms;
  SECTION("a ban") {
    REQUIRE(
        setting.bans.add({network_of(*parse_ip("192.0.2.66"), 24), "trap 'y'", false, 1h, now + 1h})
            .has_value());
    CHECK(setting.answer() == "ban: 192.0.2.0/24, trap 'y'");
  }
  SECTION("a rule") {
    terms.access.deny = rules({"::/0", "192.0.2.0/24"});
    CHECK(setting.answer() == "address: deny 192.0.2.0/24 (t.yaml:2)");
  }
  SECTION("no rule") {
    terms.access.allow = rules({"10.0.0.0/8"});
    CHECK(setting.answer() == "address: not in allow");
  }
  SECTION("an empty allow is nobody") {
    terms.access.allow.emplace();
    CHECK(setting.answer() == "address: not in allow");
  }
  SECTION("a name") {
    terms.access.deny = rules({".example.org"});
    setting.name = known("bad.example.org");
    CHECK(setting.answer() == "name: deny .example.org (t.yaml:1)");
  }
  SECTION("hosts.deny") {
    terms.hosts_access = "fingerd";
    CHECK(setting.answer() == "admitted");
    setting.hosts_access = HostsAccess::denies;
    CHECK(setting.answer() == "hosts_access: hosts.deny of 'fingerd'");
  }
  SECTION("hours") {
    terms.hours.windows = {*parse_window("Mon-Fri 08:00-18:00")};
    CHECK(setting.answer() == "hours: it is Sun 12:00, open Mon-Fri 08:00-18:00");
    setting.local = LocalTime{1, 12 * 60};
    CHECK(setting.answer() == "admitted");
    setting.local.reset();
    CHECK(setting.answer() == "hours: the time is unknown, open Mon-Fri 08:00-18:00");
  }
  SECTION("load") {
    terms.limits.load = 800;
    setting.load = 799;
    CHECK(setting.answer() == "admitted");
    setting.load = 800;
    CHECK(setting.answer() == "load: 8.0 of 8.0");
  }
  SECTION("instances of superd") {
    setting.run();
    setting.most_instances = 2;
    CHECK(setting.answer() == "admitted");
    setting.most_instances = 1;
    CHECK(setting.answer() == "daemon_instances: 1 of 1 are running");
  }
  SECTION("instances") {
    terms.limits.instances = 1;
    CHECK(setting.answer() == "admitted");
    setting.run();
    CHECK(setting.answer() == "instances: 1 of 1 are running");
    CHECK(!shall_wait(setting.service(), *refuse(setting.service(), setting.facts())));
    terms.limits.when_full = WhenFull::wait;
    CHECK(shall_wait(setting.service(), *refuse(setting.service(), setting.facts())));
  }
  SECTION("per source") {
    terms.limits.per_source = 1;
    setting.run();
    CHECK(setting.answer() == "per_source: 1 of 1 are running");
    setting.peer = InetPeer{Transport::tcp, {*parse_ip("192.0.2.67"), 1}, {}};
    CHECK(setting.answer() == "admitted");
  }
  SECTION("rate") {
    terms.limits.rate = Rate{1, 60s, 1};
    setting.run();
    CHECK(setting.answer() == "rate: 1/min, the next in 1min");
  }
  SECTION("rate per source") {
    terms.limits.rate_per_source = Rate{1, 60s, 1};
    setting.run();
    CHECK(setting.answer() == "rate_per_source: 1/min, the next in 1min");
  }
}

TEST_CASE("the order of the questions is that of the manual") {
  Setting setting;
  Terms& terms = setting.terms;
  terms.limits = {1, 1, {}, Rate{1, 60s, 1}, Rate{1, 60s, 1}, 100, WhenFull::refuse, {}};
  setting.run();
  setting.load = 100;
  setting.most_instances = 1;
  terms.hours.windows = {*parse_window("Mon")};
  terms.hosts_access = std::string("in.x");
  setting.hosts_access = HostsAccess::denies;
  terms.access.deny = rules({"192.0.2.0/24"});
  REQUIRE(setting.bans.add({network_of(*parse_ip("192.0.2.66"), 24), "", false, 1h, now + 1h})
              .has_value());

  CHECK(reason_of(setting) == "ban");
  setting.bans.expire(now + 1h);
  CHECK(reason_of(setting) == "address");
  terms.access.deny = rules({"bad.example.org"});
  setting.name = known("bad.example.org");
  CHECK(reason_of(setting) == "name");
  terms.access = {};
  CHECK(reason_of(setting) == "hosts_access");
  setting.hosts_access = HostsAccess::permits;
  CHECK(reason_of(setting) == "hours");
  terms.hours.windows.clear();
  CHECK(reason_of(setting) == "load");
  terms.limits.load.reset();
  CHECK(reason_of(setting) == "daemon_instances");
  setting.most_instances = 0;
  CHECK(reason_of(setting) == "instances");
  terms.limits.instances.reset();
  CHECK(reason_of(setting) == "per_source");
  terms.limits.per_source.reset();
  CHECK(reason_of(setting) == "rate");
  terms.limits.rate.reset();
  CHECK(reason_of(setting) == "rate_per_source");
  terms.limits.rate_per_source.reset();
  CHECK(reason_of(setting) == "admitted");
}

TEST_CASE("names are asked for only where they can decide") {
  struct Row {
    const char* what;
    std::vector<std::string> allow, deny;
    bool has_allow, is_needed;
    PeerName name;
    const char* answer;
  };
  const PeerName unknown{PeerName::State::unknown, {}};
  const Row row = GENERATE_COPY(values<Row>({
      {"no names", {"10.0.0.0/8"}, {}, true, false, {}, "address: not in allow"},
      {"a network admits", {"192.0.2.0/24", ".example.org"}, {}, true, false, {}, "admitted"},
      {"a network denies",
       {".example.org"},
       {"192.0.2.66"},
       true,
       false,
       {},
       "address: deny 192.0.2.66 (t.yaml:1)"},
      {"a name would admit", {".example.org"}, {}, true, true, {}, "name: not in allow"},
      {"a name admits", {".example.org"}, {}, true, false, known("a.example.org"), "admitted"},
      {"another name",
       {".example.org"},
       {},
       true,
       false,
       known("example.org"),
       "name: not in allow"},
      {"no name", {".example.org"}, {}, true, false, unknown, "name: not in allow"},
      {"no name, no allow", {}, {".example.org"}, false, false, unknown, "admitted"},
      {"a closer name denies",
       {".example.org"},
       {"a.example.org"},
       true,
       false,
       known("a.example.org"),
       "name: deny a.example.org (t.yaml:1)"},
      {"the same in both",
       {".example.org"},
       {".example.org"},
       true,
       false,
       known("a.example.org"),
       "name: deny .example.org (t.yaml:1)"},
  }));
  CAPTURE(row.what);
  Setting setting;
  if (row.has_allow) setting.terms.access.allow = rules(row.allow);
  setting.terms.access.deny = rules(row.deny);
  setting.name = row.name;
  CHECK(needs_name(setting.service(), setting.facts()) == row.is_needed);
  CHECK(setting.answer() == row.answer);
}

TEST_CASE("nobody who is banned is looked up, nor whoever comes through a UNIX socket") {
  Setting setting;
  setting.terms.access.allow = rules({".example.org"});
  setting.terms.hosts_access = std::string("in.x");
  CHECK(needs_name(setting.service(), setting.facts()));
  CHECK(!needs_hosts_access(setting.service(), setting.facts()));  // not before it has a name
  REQUIRE(setting.bans.add({network_of(*parse_ip("192.0.2.66"), 24), "", false, 1h, now + 1h})
              .has_value());
  CHECK(!needs_name(setting.service(), setting.facts()));
  setting.peer = UnixPeer{};
  CHECK(!needs_name(setting.service(), setting.facts()));
  setting.terms.access = {};
  CHECK(!needs_hosts_access(setting.service(), setting.facts()));
  setting.peer = InetPeer{};
  CHECK(needs_hosts_access(setting.service(), setting.facts()));
  setting.hosts_access = HostsAccess::permits;
  CHECK(!needs_hosts_access(setting.service(), setting.facts()));
}

TEST_CASE("whoever comes through a UNIX socket is judged by user and group") {
  Setting setting;
  setting.peer = UnixPeer{1000, 100, 4711, {}};
  RuleList allow, deny;
  allow.accounts = {{AccountRule::Kind::group, 50, "staff", 1}};
  deny.accounts = {{AccountRule::Kind::user, 1001, "bob", 2}};
  setting.terms.access.allow = RuleSet{{std::make_shared<const RuleList>(allow)}};
  setting.terms.access.deny = RuleSet{{std::make_shared<const RuleList>(deny)}};
  CHECK(setting.answer() == "address: not in allow");
  setting.groups = {50};
  CHECK(setting.answer() == "admitted");
  setting.peer = UnixPeer{1001, 50, 4711, {}};
  CHECK(setting.answer() == "address: deny user:bob (command line)");
}

TEST_CASE("no rule is about a virtual machine: a list of who may in leaves it out") {
  Setting setting;
  setting.peer = VsockPeer{3, 1024, {}};
  CHECK(setting.answer() == "admitted");
  setting.terms.access.deny = rules({"0.0.0.0/0", "::/0"});
  CHECK(setting.answer() == "admitted");
  CHECK(!needs_hosts_access(setting.service(), setting.facts()));
  setting.terms.access.allow = rules({"0.0.0.0/0", "::/0"});
  CHECK(setting.answer() == "address: not in allow");
}

TEST_CASE("nothing that is refused is counted") {
  Setting setting;
  setting.terms.access.deny = rules({"192.0.2.0/24"});
  setting.terms.limits.rate = Rate{1, 60s, 1};
  for (int i = 0; i < 100; ++i) CHECK(reason_of(setting) == "address");
  CHECK(setting.ledger.running() == 0);
  setting.peer = InetPeer{Transport::tcp, {*parse_ip("10.0.0.1"), 1}, {}};
  CHECK(reason_of(setting) == "admitted");
}

TEST_CASE("explain tells the verdict, what would be next, the rules and the counts") {
  Setting setting;
  setting.terms.access.allow = rules({"192.0.0.0/8"});
  setting.terms.access.deny = rules({"::1", "192.0.2.0/24"});
  setting.terms.limits.instances = 1;
  setting.run();
  const Explanation explanation = explain(setting.service(), setting.facts());
  REQUIRE(explanation.verdict());
  CHECK(explanation.verdict()->reason == Reason::address);
  REQUIRE(explanation.next());
  CHECK(explanation.next()->reason == Reason::instances);
  CHECK(explanation.steps.size() == 11);
  CHECK(to_text(explanation) ==
        "service 'x', 192.0.2.66: refused by address: deny 192.0.2.0/24 (t.yaml:2)\n"
        "  would refuse next: instances: 1 of 1 are running\n"
        "  next rule: allow 192.0.0.0/8 (t.yaml:1)\n"
        "  asked: address no, instances no\n"
        "  running: 1 of the service, 1 for 192.0.2.66, 1 in all\n");
}

TEST_CASE("explain says who is admitted, and when it can't know") {
  Setting setting;
  CHECK(to_text(explain(setting.service(), setting.facts())) ==
        "service 'x', 192.0.2.66: admitted; no rule is against it\n"
        "  asked: nothing\n"
        "  running: 0 of the service, 0 for 192.0.2.66, 0 in all\n");
  setting.terms.access.allow = rules({".example.org"});
  const Explanation explanation = explain(setting.service(), setting.facts());
  CHECK(explanation.needs_name);
  CHECK(to_text(explanation).find("its name was not looked up") != std::string::npos);
  setting.name = known("a.example.org");
  CHECK(to_text(explain(setting.service(), setting.facts()))
            .find("admitted by allow .example.org (t.yaml:1)") != std::string::npos);
}

TEST_CASE("reasons have names that stay") {
  const char* names[] = {
      "ban",       "address",    "name", "hosts_access",   "hours", "load", "daemon_instances",
      "instances", "per_source", "rate", "rate_per_source"};
  for (std::size_t i = 0; i < std::size(names); ++i) {
    CHECK(std::string(name_of(static_cast<Reason>(i))) == names[i]);
  }
}

namespace {

// The order and the rules once more, as plainly as can be: networks are lists, each question an if.
struct Plain {
  std::optional<std::vector<Network>> allow;
  std::vector<Network> deny;
  bool is_closed = false, is_banned = false;
  std::optional<std::uint32_t> load, instances, per_source;
  std::uint32_t running = 0, of_source = 0;

  const char* answer(const IpAddress& address, std::uint32_t load_now) const {
    if (is_banned) return "ban";
    int best = -1;
    bool allows = !allow;
    for (const Network& one : allow.value_or(std::vector<Network>())) {
      if (contains(one, address) && one.length > best) best = one.length, allows = true;
    }
    for (const Network& one : deny) {
      if (contains(one, address) && one.length >= best) best = one.length, allows = false;
    }
    if (!allows) return "address";
    if (is_closed) return "hours";
    if (load && load_now >= *load) return "load";
    if (instances && running >= *instances) return "instances";
    if (per_source && of_source >= *per_source) return "per_source";
    return "admitted";
  }
};

}  // namespace

TEST_CASE("random services refuse as a plain reading of the manual does") {
  std::mt19937 engine(11);
  const auto below = [&](std::uint32_t limit) {
    return static_cast<std::uint32_t>(engine() % limit);
  };
  const auto any_networks = [&] {
    std::vector<Network> networks(below(6));
    for (Network& one : networks)
      one = network_of(ipv4(0x0A000000U | below(64) << 18), 8 + below(7));
    return networks;
  };
  for (int round = 0; round < 3000; ++round) {
    Setting setting;
    Plain plain;
    if (below(2) == 0) plain.allow = any_networks();
    plain.deny = any_networks();
    if (plain.allow) setting.terms.access.allow = rules(texts_of(*plain.allow));
    setting.terms.access.deny = rules(texts_of(plain.deny));
    plain.is_closed = below(6) == 0;
    setting.terms.hours.windows = {*parse_window(plain.is_closed ? "Mon" : "Sun")};
    if (below(3) == 0) setting.terms.limits.load = plain.load = 1 + below(3);
    if (below(3) == 0) setting.terms.limits.instances = plain.instances = 1 + below(4);
    if (below(3) == 0) setting.terms.limits.per_source = plain.per_source = 1 + below(3);
    setting.load = below(4);
    const IpAddress address = ipv4(0x0A000000U | below(64) << 18);
    setting.peer = InetPeer{Transport::tcp, {address, 1}, {}};
    plain.is_banned = below(8) == 0;
    if (plain.is_banned) {
      REQUIRE(setting.bans.add({network_of(address, 20), "", false, 1h, now + 1h}).has_value());
    }
    plain.of_source = below(3);
    plain.running = plain.of_source + below(3);
    for (std::uint32_t i = 0; i < plain.running; ++i) {
      const IpAddress other = i < plain.of_source ? address : ipv4(i);
      setting.ledger.begin("x", setting.terms.limits, network_of(other, 32), now);
    }
    REQUIRE(reason_of(setting) == plain.answer(address, setting.load));
  }
}

TEST_CASE("how long a refusal takes", "[.speed]") {
  for (const std::uint32_t count : {10U, 100'000U}) {
    Setting setting;
    std::vector<std::string> words;
    for (std::uint32_t i = 0; i < count; ++i) words.push_back(to_text(ipv4(0x0A000000U + 2 * i)));
    setting.terms.access.deny = rules(words);
    const Service service = setting.service();
    std::uint32_t refused = 0;
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint32_t i = 0; i < 1'000'000; ++i) {
      setting.peer = InetPeer{Transport::tcp, {ipv4(0x0A000000U + i * 7919U % (4 * count)), 1}, {}};
      refused += refuse(service, setting.facts()) ? 1 : 0;
    }
    const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - begin;
    std::printf("refuse() with %u rules: %.0f ns, %u of 1000000 refused\n", count,
                time.count() / 1e6, refused);
  }
}
