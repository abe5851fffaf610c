// SPDX-License-Identifier: MIT
// hours, zone, limits, banner, trap and hosts_access: what they take, what they refuse, and that
// they are written as they are read.
#include "superd/config/admission_keys.hpp"

#include "superd/config/emit.hpp"
#include "superd/config/override.hpp"
#include "tests/config/room.hpp"

using namespace superd;
using namespace std::chrono_literals;

namespace {

Terms terms_with(const std::string& key) { return Room().service(working_with(key)).terms; }

}  // namespace

TEST_CASE("a service that says nothing has no terms, and pays for none") {
  const Service service = Room().service(working_with(""));
  CHECK(service.terms.is_same(Shared<Terms>()));
  CHECK(*service.terms == Terms());
}

TEST_CASE("the keys mean what they look like") {
  const Terms hours =
      terms_with("hours: [Mon-Fri 08:00-18:00, Sat 22:00-02:00]\n    zone: Asia/Seoul");
  CHECK(to_text(hours.hours) == "Mon-Fri 08:00-18:00, Sat 22:00-02:00 (Asia/Seoul)");
  CHECK(to_text(terms_with("hours: 22:00-06:00").hours) == "22:00-06:00");
  CHECK(terms_with("hours: always").hours.windows.empty());
  CHECK(terms_with("zone: local").hours.zone.empty());
  const Limits limits =
      terms_with(
          "limits: {instances: 20, per_source: 3, source_prefix: {ipv4: 24, ipv6: 48}, "
          "rate: 10/s burst 20, rate_per_source: 30/min, load: 8.0, when_full: wait, pause: 10s}")
          .limits;
  CHECK(limits ==
        Limits{20, 3, {24, 48}, Rate{10, 1s, 20}, Rate{30, 60s, 30}, 800, WhenFull::wait, 10s});
  CHECK(terms_with("limits: {instances: unlimited, per_source: unlimited, rate: unlimited, "
                   "rate_per_source: unlimited, load: unlimited, pause: never}")
            .limits == Limits());
  CHECK(terms_with("limits: {}").limits == Limits());
  CHECK(terms_with("banner: {refused: \"busy\\n\"}").banner.refused.text == "busy\n");
  CHECK(terms_with("banner: none").banner == Banner());
  CHECK(terms_with("trap: {ban: 30min}").trap == 30min);
  CHECK(!terms_with("trap: none").trap);
  CHECK(terms_with("hosts_access: in.fingerd").hosts_access == "in.fingerd");
}

TEST_CASE("a banner can be a file's text") {
  const Room room;
  const std::string path = room.write("motd", "hello\n");
  const Terms terms = room.service(working_with("banner: {accepted: {file: motd}}")).terms;
  CHECK(terms.banner.accepted == Greeting{"hello\n", path});
  room.write("motd", std::string((16 << 10) + 1, 'x'));
  CHECK(room.faults(working_with("banner: {accepted: {file: motd}}")).size() == 1);
}

TEST_CASE("a default is replaced whole, and can be taken back") {
  const auto loaded = Room().load(
      "defaults: {limits: {instances: 5, rate: 1/s}, allow: [10.0.0.0/8], hours: Mon}\n"
      "services:\n  a: {listen: 1, run: /bin/cat}\n"
      "  b: {listen: 2, run: /bin/cat, limits: {instances: 6}, allow: everyone, hours: always}\n");
  REQUIRE(loaded.table);
  const auto& services = loaded.table->services;
  CHECK(services[0]->terms->limits.rate);
  CHECK(services[1]->terms->limits == Limits{6, {}, {}, {}, {}, {}, WhenFull::refuse, {}});
  CHECK(!services[1]->terms->access.allow);
  CHECK(services[1]->terms->hours.windows.empty());
}

TEST_CASE("only a service's own number lets several programs have its sockets") {
  const auto loaded = Room().load(
      "defaults: {limits: {instances: 50, rate: 1/s}}\n"
      "services:\n  a: {listen: 1, activate: /bin/cat}\n"
      "  b: {listen: 2, activate: /bin/cat, limits: {instances: 6}}\n"
      "  c: {listen: 3, run: /bin/cat}\n");
  REQUIRE(loaded.table);
  const auto& services = loaded.table->services;
  CHECK(!services[0]->terms->limits.instances);
  CHECK(services[0]->terms->limits.rate);
  CHECK(services[1]->terms->limits.instances == 6U);
  CHECK(services[2]->terms->limits.instances == 50U);
}

TEST_CASE("a faulty term is said with its place, its name and a remedy") {
  struct Row {
    const char *key, *message;
  };
  const Row row = GENERATE(values<Row>({
      {"hours: 24:00-02:00",
       "5:12: service 'x': 'hours' is \"24:00-02:00\"; 24:00 only ends a day; give 00:00 for its "
       "beginning"},
      {"hours: [Mon 8-18]",
       "5:13: service 'x': 'hours' is \"Mon 8-18\"; give days and times, such as Mon-Fri "
       "08:00-18:00, Sat or 22:00-06:00"},
      {"hours: [Mon 08:00-08:00]",
       "5:13: service 'x': 'hours' is \"Mon 08:00-08:00\"; it ends when it begins; give "
       "00:00-24:00 "
       "for the whole day"},
      {"hours: []",
       "5:12: service 'x': 'hours' is an empty list; give always, or allow: [] to let nobody in"},
      {"zone: Mars/Olympus",
       "5:11: service 'x': 'zone' is \"Mars/Olympus\"; there is no such time zone here; give one "
       "of "
       "/usr/share/zoneinfo, or local"},
      {"limits: {instances: 0}",
       "5:25: service 'x': 'instances' is \"0\"; zero would let nobody in; give allow: [] or "
       "enabled: no for that, or unlimited"},
      {"limits: {instances: -1}",
       "5:25: service 'x': 'instances' is \"-1\"; give a whole number from 1 to 1000000, or "
       "unlimited"},
      {"limits: {per_source: ten}",
       "5:26: service 'x': 'per_source' is \"ten\"; give a whole number from 1 to 1000000, or "
       "unlimited"},
      {"limits: {per_source: [1]}",
       "5:26: service 'x': 'per_source' is a list; give a whole number from 1 to 1000000, or "
       "unlimited"},
      {"limits: {rate: 0}",
       "5:20: service 'x': 'rate' is \"0\"; zero would let nobody in; give allow: [] or enabled: "
       "no "
       "for that, or unlimited"},
      {"limits: {rate: 0/s}",
       "5:20: service 'x': 'rate' is \"0/s\"; give a number from 1 and a time, such as 50/s, "
       "100/min, 1000/h or 50/s burst 200, or unlimited"},
      {"limits: {rate: 50/s burst 0}",
       "5:20: service 'x': 'rate' is \"50/s burst 0\"; give a burst of at least 1, such as 50/s "
       "burst 200"},
      {"limits: {load: 0.0}",
       "5:20: service 'x': 'load' is \"0.0\"; zero would let nobody in; give allow: [] or enabled: "
       "no for that, or unlimited"},
      {"limits: {load: -3}",
       "5:20: service 'x': 'load' is \"-3\"; give a load average above 0, such as 8.0, or "
       "unlimited"},
      {"limits: {source_prefix: {ipv4: 33}}",
       "5:36: service 'x': 'ipv4' is \"33\"; give a whole number from 1 to 32"},
      {"limits: {when_full: queue}",
       "5:25: service 'x': 'when_full' is \"queue\"; give refuse or wait"},
      {"limits: {instanes: 5}",
       "5:14: service 'x': unknown key 'instanes'; did you mean 'instances'?"},
      {"limits: 5",
       "5:13: service 'x': 'limits' is \"5\"; give a mapping such as {instances: 20, "
       "per_source: 3}"},
      {"instances: 5",
       "5:5: service 'x': unknown key 'instances'; it belongs in 'daemon' or in 'limits'"},
      {"rate: 5/s", "5:5: service 'x': unknown key 'rate'; it belongs in 'limits'"},
      {"trap: {ban: 0s}", "5:17: service 'x': 'ban' is \"0s\"; give at least 1s"},
      {"trap: {}", "5:11: service 'x': 'trap' is empty; give {ban: 30min}, or none"},
      {"banner: {refused: [a]}",
       "5:23: service 'x': 'refused' is a list; give a text such as \"busy\\n\", or {file: PATH}"},
      {"banner: {refused: {file: /no/such}}",
       "5:30: service 'x': banner '/no/such': it can't be read: No such file or directory"},
      {"hosts_access: a:b",
       "5:19: service 'x': 'hosts_access' is \"a:b\"; give a name of letters, digits and _-."},
  }));
  CAPTURE(row.key);
  CHECK(Room().faults(working_with(row.key)) == Messages{"t.yaml:" + std::string(row.message)});
}

TEST_CASE("without libwrap hosts_access is an error") {
  Room room;
  room.host.libwrap = false;
  CHECK(room.faults(working_with("hosts_access: x")) ==
        Messages{"t.yaml:5:19: service 'x': this superd is built without libwrap; remove "
                 "'hosts_access'"});
  CHECK(room.faults(working_with("hosts_access: none")).empty());
}

TEST_CASE("the keys are written as they are read") {
  const Room room;
  room.write("motd", "hello\n");
  const Loaded loaded = room.load(working_with(
      "hours: [Fri-Mon, 22:00-06:00]\n    zone: Asia/Seoul\n"
      "    limits: {instances: 20, per_source: 3, source_prefix: {ipv6: 48}, rate: 10/s burst 20, "
      "rate_per_source: 30/min, load: 0.25, when_full: wait, pause: 10s}\n"
      "    banner: {accepted: {file: motd}, refused: \"no\\n\"}\n"
      "    trap: {ban: 2h}\n    hosts_access: x"));
  REQUIRE(loaded.table);
  const std::string text = emit_yaml(*loaded.table);
  CAPTURE(text);
  const Loaded again = room.load(text);
  CAPTURE(room.said(again));
  REQUIRE(again.table);
  CHECK(*again.table->services[0] == *loaded.table->services[0]);
}

TEST_CASE("one limit can be set at run time by itself") {
  const Room room;
  const Service service = room.service(working_with("limits: {instances: 5, per_source: 2}"));
  const auto changed = overridden(service, "limits.instances", "7", room.host);
  REQUIRE(changed.has_value());
  CHECK((*changed)->terms->limits.instances == 7U);
  CHECK((*changed)->terms->limits.per_source == 2U);
  CHECK(overridden(service, "limits.instances", "0", room.host)
            .error()
            .text.find("'instances' is \"0\"; zero") == 0);
  CHECK(overridden(service, "limits.instanes", "1", room.host).error().text ==
        "'limits' has no key 'instanes'; did you mean 'instances'?");
}
