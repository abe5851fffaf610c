// SPDX-License-Identifier: MIT
// Keys set at run time: in the words of the table, or refused with what to do instead.
#include "superd/config/override.hpp"

#include "superd/config/emit.hpp"
#include "superd/config/service_keys.hpp"
#include "tests/config/room.hpp"

using namespace superd;
using namespace std::chrono_literals;

namespace {

struct Setting {
  Room room;
  Service service = room.service(service_with(
      {"listen: {address: 79, backlog: 5}", "run: /bin/cat -u", "user: alice", "timeout: 1min",
       "environment: {A: 1}", "pass_environment: TZ", "rlimits: {core: 0, nofile: 64}"}));

  Service with(const std::string& key, const std::string& value) const {
    const auto changed = overridden(service, key, value, room.host);
    CAPTURE(key, value, changed ? "" : changed.error().text);
    REQUIRE(changed.has_value());
    return **changed;
  }
  std::string refused(const std::string& key, const std::string& value) const {
    const auto changed = overridden(service, key, value, room.host);
    return changed ? "nothing was wrong" : changed.error().text;
  }
};

}  // namespace

TEST_CASE("a value is read as the table reads it, and nothing else changes") {
  struct Row {
    std::string key, value;
    void (*expect)(Process& process);
  };
  const Row row = GENERATE(values<Row>({
      {"timeout", "10s", [](Process& p) { p.timeout = 10s; }},
      {"timeout", " 10s  # for now", [](Process& p) { p.timeout = 10s; }},
      {"timeout", "unlimited", [](Process& p) { p.timeout.reset(); }},
      {"rlimits", "{nofile: 100}",
       [](Process& p) {
         p.rlimits = {{RLIMIT_NOFILE, 100, 100}};
       }},
      {"environment", "{B: 'x y'}",
       [](Process& p) {
         p.environment = {{"B", "x y"}};
       }},
      {"stderr", "null", [](Process& p) { p.stderr_to = StderrTo::null; }},
      {"directory", "/srv", [](Process& p) { p.directory = "/srv"; }},
      {"umask", "077", [](Process& p) { p.umask = 077; }},
      {"nice", "-5", [](Process& p) { p.nice = -5; }},
      {"argv0", "'-x'", [](Process& p) { p.argv0 = "-x"; }},
      {"stop_signal", "INT", [](Process& p) { p.stop_signal = SIGINT; }},
      {"stop_grace", "0s", [](Process& p) { p.stop_grace = 0s; }},
      {"on_client_gone", "stop", [](Process& p) { p.on_client_gone = ClientGone::stop; }},
      {"linger", "2s", [](Process& p) { p.linger = 2s; }},
  }));
  const Setting setting;
  Service expected = setting.service;
  expected.process.edit(row.expect);
  const Service changed = setting.with(row.key, row.value);
  CHECK(changed == expected);
  CHECK(changed_keys(setting.service, changed) == Messages{row.key});
}

TEST_CASE("every key that can be set is a key of a service, and is tried above") {
  for (const std::string_view key : keys_to_override()) {
    CAPTURE(key);
    CHECK(find_key(shared_keys(), key) != nullptr);
  }
  CHECK(keys_to_override().size() == 20);
}

TEST_CASE("who may come in can be set") {
  struct Row {
    std::string key, value;
    void (*expect)(Terms& terms);
  };
  const Row row = GENERATE(values<Row>({
      {"allow", "[]", [](Terms& t) { t.access.allow.emplace(); }},
      {"hours", "Mon", [](Terms& t) { t.hours.windows = {*parse_window("Mon")}; }},
      {"zone", "Asia/Seoul", [](Terms& t) { t.hours.zone = "Asia/Seoul"; }},
      {"limits", "{instances: 3}", [](Terms& t) { t.limits.instances = 3; }},
      {"limits.instances", "3", [](Terms& t) { t.limits.instances = 3; }},
      {"limits.rate", "5/s",
       [](Terms& t) {
         t.limits.rate = Rate{5, 1s, 5};
       }},
      {"banner", "{refused: 'no way'}", [](Terms& t) { t.banner.refused.text = "no way"; }},
      {"trap", "{ban: 1h}", [](Terms& t) { t.trap = 1h; }},
      {"hosts_access", "finger", [](Terms& t) { t.hosts_access = "finger"; }},
  }));
  CAPTURE(row.key);
  const Setting setting;
  Service expected = setting.service;
  expected.terms.edit(row.expect);
  CHECK(setting.with(row.key, row.value) == expected);
  const Service denying = setting.with("deny", "[10.0.0.0/8]");
  CHECK(decide(denying.terms->access, *parse_ip("10.1.1.1")));
}

TEST_CASE("what is set says so where it is shown") {
  const Setting setting;
  ServiceTable table;
  table.services = {overridden(setting.service, "linger", "2s", setting.room.host).value()};
  table.services = {overridden(*table.services[0], "timeout", "2s", setting.room.host).value()};
  const std::string text = emit_yaml(table);
  CHECK(text.find("timeout: 2s  # set at run time\n") != std::string::npos);
  CHECK(text.find("linger: 2s  # set at run time\n") != std::string::npos);
  CHECK(text.find("rlimits: {core: 0, nofile: 64}  # ") != std::string::npos);
}

TEST_CASE("a faulty value is said in the words of the table") {
  const Setting setting;
  CHECK(setting.refused("timeout", "ten") ==
        "'timeout' is \"ten\"; give a number and a unit: 500ms, 10s, 5min, 2h or 1d");
  CHECK(setting.refused("timeout", "[10s]").find("'timeout' is a list; give a number and a unit") ==
        0);
  CHECK(setting.refused("timeout", "").find("'timeout' has no value; give") == 0);
  CHECK(setting.refused("stderr", "nul") == "'stderr' is \"nul\"; give log, socket or null");
  CHECK(setting.refused("directory", "/no/such") ==
        "directory '/no/such': no such directory; give another");
  CHECK(setting.refused("environment", "{TCPHOME: 1, 5: x}") ==
        "'TCPHOME' is set by superd itself; use another name\n"
        "'5' is no name of a variable; use letters, digits and '_'");
  CHECK(!setting.refused("rlimits", "{nofile: 100").empty());
  CHECK(setting.refused("rlimits", "{nofil: 100}") ==
        "'rlimits' has no 'nofil'; did you mean 'nofile'?");
}

TEST_CASE("keys of sockets and of identity belong in the table") {
  const Setting setting;
  const std::string remedy =
      "; set directory, umask, nice, argv0, environment, stderr, rlimits, timeout, stop_signal, "
      "stop_grace, on_client_gone, linger, allow, deny, hours, zone, limits.instances, "
      "limits.per_source, limits.source_prefix, limits.rate, limits.rate_per_source, limits.load, "
      "limits.when_full, limits.pause, banner, trap or hosts_access";
  for (const char* key :
       {"listen", "run", "description", "enabled", "user", "group", "groups", "pass_environment"}) {
    CHECK(setting.refused(key, "x") == "'" + std::string(key) + "' can't be set at run time" +
                                           remedy + ", or change the table and reload");
  }
  CHECK(setting.refused("tiemout", "1s") ==
        "no key of a service is called 'tiemout'; did you mean 'timeout'?");
  CHECK(setting.refused("colour", "red") == "no key of a service is called 'colour'" + remedy);
}
