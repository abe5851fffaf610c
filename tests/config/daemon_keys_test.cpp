// SPDX-License-Identifier: MIT
// The keys of `daemon`.
#include "tests/config/room.hpp"

using namespace superd;
using namespace std::chrono_literals;

namespace {

Loaded load_with(const Room& room, const std::string& daemon) {
  return room.load("daemon: " + daemon + "\n" + working_with(""));
}

Daemon daemon_with(const Room& room, const std::string& daemon) {
  const Loaded loaded = load_with(room, daemon);
  CAPTURE(room.said(loaded));
  return loaded.table.value().daemon;
}

}  // namespace

TEST_CASE("without `daemon` its defaults hold") {
  const Daemon daemon = Room().load(working_with("")).table.value().daemon;
  CHECK(daemon.log.to == LogSettings::To::stderr_stream);
  CHECK(daemon.log.format == LogFormat::text);
  CHECK(daemon.log.level == LogLevel::info);
  CHECK(daemon.services_dir == "/usr/lib/superd/services");
  CHECK(daemon.instances == 10000);
  CHECK(daemon.stop_after == 30s);
  CHECK(!daemon.relay_user);
}

TEST_CASE("the keys of daemon mean what they look like") {
  Room room;
  room.host.journal = true;
  const Daemon daemon = daemon_with(
      room, "{instances: 5, stop_after: 0s, log: {to: syslog, format: xinetd, level: debug}}");
  CHECK(daemon.instances == 5);
  CHECK(daemon.stop_after == 0s);
  CHECK(daemon.log.to == LogSettings::To::syslog);
  CHECK(daemon.log.format == LogFormat::xinetd);
  CHECK(daemon.log.level == LogLevel::debug);
  CHECK(daemon_with(room, "{log: {to: journal, format: json, level: error}}").log.to ==
        LogSettings::To::journal);
  CHECK(daemon_with(room, "{log: {to: stderr}}").log.to == LogSettings::To::stderr_stream);
  CHECK(daemon_with(room, "{log: {to: /var/log/superd}}").log.path == "/var/log/superd");
  CHECK(daemon_with(room, "{log: {to: ./log}}").log.path == room.path("log"));
  CHECK(daemon_with(room, "{log: {to: ./log}}").log.to == LogSettings::To::file);
  CHECK(daemon_with(room, "{services_dir: progs}").services_dir == room.path("progs"));
  CHECK(daemon_with(room, "{relay_user: alice}").relay_user == Identity{"alice", 1000, 1000, {}});
  CHECK(daemon_with(room, "{relay_user: 1001}").relay_user == Identity{"bob", 1001, 1001, {}});
}

TEST_CASE("faulty values of daemon are said with a remedy") {
  struct Row {
    const char* written;
    const char* message;
  };
  const Row row = GENERATE(values<Row>({
      {"5", "1:9: daemon: this is \"5\"; give a mapping such as {log: {to: syslog}}"},
      {"{instances: ten}",
       "1:21: daemon: 'instances' is \"ten\"; give a whole number from 1 to 1000000"},
      {"{instances: 0}",
       "1:21: daemon: 'instances' is \"0\"; give a whole number from 1 to 1000000"},
      {"{stop_after: 30}",
       "1:22: daemon: 'stop_after' is \"30\"; give a number and a unit: 500ms, "
       "10s, 5min, 2h or 1d"},
      {"{services_dir: /no/such}",
       "1:24: daemon: directory '/no/such': no such directory; give another"},
      {"{services_dir: }",
       "1:10: daemon: 'services_dir' has no value; give the directory of service programs"},
      {"{relay_user: }",
       "1:10: daemon: 'relay_user' has no value; give the name or number of a user"},
      {"{relay_user: carol}",
       "1:22: daemon: 'relay_user' is \"carol\"; no such user; give one that exists"},
      {"{relay_user: root}",
       "1:22: daemon: 'relay_user' is \"root\"; what it runs must not have root's power; give "
       "another user"},
      {"{log: stderr}",
       "1:15: daemon.log: 'log' is \"stderr\"; give a mapping such as {to: "
       "stderr, format: text, level: info}"},
      {"{log: {to: sterr}}",
       "1:20: daemon.log: 'to' is \"sterr\"; give stderr, syslog, journal or a /path"},
      {"{log: {to: journal}}",
       "1:20: daemon.log: 'to' is \"journal\"; there is no journal on this "
       "machine; give stderr, syslog or a /path"},
      {"{log: {to: /no/such/log}}",
       "1:20: daemon.log: log directory '/no/such': no such "
       "directory; make it, or log elsewhere"},
      {"{log: {format: xml}}", "1:24: daemon.log: 'format' is \"xml\"; give text, json or xinetd"},
      {"{log: {level: loud}}",
       "1:23: daemon.log: 'level' is \"loud\"; give debug, info, warning or error"},
  }));
  CAPTURE(row.written);
  const Room room;
  CHECK(room.said(load_with(room, row.written)) == Messages{"t.yaml:" + std::string(row.message)});
}

TEST_CASE("only root can have its programs run as another user") {
  Room room;
  room.host.me = "alice";
  CHECK(daemon_with(room, "{relay_user: alice}").relay_user->uid == 1000);
  CHECK(room.said(load_with(room, "{relay_user: bob}")) ==
        Messages{"t.yaml:1:22: daemon: 'relay_user' is \"bob\"; superd runs as 'alice' and only "
                 "root can become another user; remove it, or start superd as root"});
}
