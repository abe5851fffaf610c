// SPDX-License-Identifier: MIT
// The key table: complete, without repeats, and what unknown keys are told.
#include "superd/config/keys.hpp"

#include "tests/config/room.hpp"

using namespace superd;

namespace {

Messages names_in(std::string_view section) {
  Messages names;
  for (const KeyHelp& key : all_keys()) {
    if (key.section == section) names.emplace_back(key.name);
  }
  return names;
}

}  // namespace

TEST_CASE("the table has all keys of the language, in reading order") {
  CHECK(names_in("") == Messages{"include", "daemon", "defaults", "services"});
  CHECK(names_in("daemon") == Messages{"control", "control_access", "log", "services_dir",
                                       "instances", "stop_after", "relay_user"});
  CHECK(names_in("daemon.control") == Messages{"path", "owner", "group", "mode"});
  CHECK(names_in("daemon.control_access") == Messages{"read", "change"});
  CHECK(names_in("daemon.log") == Messages{"to", "format", "level"});
  CHECK(names_in("services.NAME") == Messages{"description", "listen", "run", "activate", "forward",
                                              "handoff", "stop_after", "ready", "start_timeout",
                                              "rpc", "warm"});
  CHECK(names_in("forward") == Messages{"to", "connect_timeout", "idle_timeout", "proxy_protocol"});
  CHECK(names_in("rpc") == Messages{"program", "versions"});
  CHECK(names_in("defaults, services.NAME") ==
        Messages{"enabled",        "user",    "group",   "groups",      "directory",
                 "umask",          "nice",    "argv0",   "environment", "pass_environment",
                 "stderr",         "rlimits", "timeout", "stop_signal", "stop_grace",
                 "on_client_gone", "linger",  "allow",   "deny",        "hours",
                 "zone",           "limits",  "banner",  "trap",        "hosts_access"});
  CHECK(names_in("limits") == Messages{"instances", "per_source", "source_prefix", "rate",
                                       "rate_per_source", "load", "when_full", "pause"});
  CHECK(names_in("limits.source_prefix") == Messages{"ipv4", "ipv6"});
  CHECK(names_in("banner") == Messages{"accepted", "refused"});
  CHECK(names_in("trap") == Messages{"ban"});
  CHECK(names_in("warm") == Messages{"ready", "idle", "always"});
  CHECK(names_in("listen") ==
        Messages{"address",      "backlog",       "v6only",         "name",        "device",
                 "freebind",     "transparent",   "reuse_port",     "nodelay",     "keepalive",
                 "defer_accept", "fast_open",     "receive_buffer", "send_buffer", "mark",
                 "tos",          "multicast",     "retry",          "owner",       "group",
                 "mode",         "make_directory"});
  CHECK(all_keys().size() == 100);
}

TEST_CASE("every row says what it is for, in one line, and is there once") {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const KeyHelp& key : all_keys()) {
    CAPTURE(key.section, key.name);
    CHECK(seen.emplace(key.section, key.name).second);
    CHECK(!key.value.empty());
    CHECK(key.help.size() > 5);
    CHECK(key.help.size() < 100);
    CHECK(key.help.find('\n') == std::string_view::npos);
  }
}

TEST_CASE("an unknown key is told its nearest spelling or its home") {
  struct Row {
    std::string text;
    std::string message;
  };
  const Row row = GENERATE(values<Row>({
      {"servces: {}\n" + working_with(""), "1:1: unknown key 'servces'; did you mean 'services'?"},
      {"user: bob\n" + working_with(""),
       "1:1: unknown key 'user'; it belongs in a service or 'defaults'"},
      {"colour: red\n" + working_with(""),
       "1:1: unknown key 'colour'; give include, daemon, defaults or services"},
      {"daemon: {instanes: 5}\n" + working_with(""),
       "1:10: daemon: unknown key 'instanes'; did you mean 'instances'?"},
      {"daemon: {level: info}\n" + working_with(""),
       "1:10: daemon: unknown key 'level'; it belongs in 'log' of 'daemon'"},
      {"daemon: {log: {formt: text}}\n" + working_with(""),
       "1:16: daemon.log: unknown key 'formt'; did you mean 'format'?"},
      {"defaults: {listen: 79}\n" + working_with(""),
       "1:12: defaults: unknown key 'listen'; it belongs in a service"},
      {working_with("usr: bob"), "5:5: service 'x': unknown key 'usr'; did you mean 'user'?"},
      {working_with("services_dir: /x"),
       "5:5: service 'x': unknown key 'services_dir'; it belongs in 'daemon'"},
      {working_with("backlog: 5"),
       "5:5: service 'x': unknown key 'backlog'; it belongs in 'listen'"},
      {working_with("services: {}"),
       "5:5: service 'x': unknown key 'services'; it belongs at the top level"},
      {working_with("activate: cat"),
       "5:15: service 'x': there are two verbs, `run` and `activate`; take one away"},
      {working_with("forward: 127.0.0.1:80"),
       "5:14: service 'x': there are two verbs, `run` and `forward`; take one away"},
      {working_with("builtin: echo"),
       "5:5: service 'x': unknown key 'builtin'; this version has 'run', 'activate' and "
       "'forward'"},
      {working_with("\"a\\nb\": 1"),
       "5:5: service 'x': unknown key 'a\\nb'; give description, "
       "listen, run, activate, forward, handoff, stop_after, ready, start_timeout, rpc, warm, "
       "enabled, user, group, groups, directory, "
       "umask, nice, argv0, environment, pass_environment, stderr, "
       "rlimits, timeout, stop_signal, stop_grace, on_client_gone, linger, allow, deny, hours, "
       "zone, limits, banner, trap or hosts_access"},
  }));
  CAPTURE(row.text);
  CHECK(Room().faults(row.text) == Messages{"t.yaml:" + row.message});
}

TEST_CASE("a key written twice is a fault, wherever it is") {
  const auto said = [](const std::string& text) {
    const Room room;
    const Loaded loaded = room.load(text);
    return loaded.diagnostics.size() == 1 ? loaded.diagnostics[0].message : "not one";
  };
  CHECK(said(working_with("run: /bin/sort")).find("service 'x': 'run' is written twice") == 0);
  CHECK(said("daemon: {}\ndaemon: {}\n" + working_with("")).find("'daemon' is written twice") == 0);
  CHECK(said(working_with("environment: {A: 1, A: 2}")).find("service 'x': 'A' is written") == 0);
  CHECK(said(service_with({"listen: {address: 79, address: 80}", "run: /bin/cat"}))
            .find("service 'x': 'address' is written twice") == 0);
}
