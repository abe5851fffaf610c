// SPDX-License-Identifier: MIT
// What is written is read back as the same table, whatever is in it; and what differs is named.
#include "superd/config/emit.hpp"

#include <random>

#include "superd/config/control_keys.hpp"
#include "superd/config/daemon_keys.hpp"
#include "superd/config/forward.hpp"
#include "superd/config/listen_keys.hpp"
#include "superd/config/read_service.hpp"
#include "tests/config/room.hpp"

using namespace superd;

namespace {

const std::string everything = R"(
daemon:
  control: {path: /run/c.sock, owner: alice, group: mail, mode: 0660}
  control_access: {read: [root, alice, "@mail"], change: ["@bob"]}
  log: {to: /var/log/superd, format: json, level: debug}
  services_dir: /srv
  instances: 7
  stop_after: 90s
  relay_user: bob
defaults: {umask: 027}
services:
  all:
    description: "says \"a\" #\tb: [c], 'é'\n  and more\\"
    listen:
      - 79
      - "[::1]:80"
      - "[fe80::1%2]:80"
      - tcp4:0
      - {address: "*:81", v6only: yes}
      - {address: "[::]:82", v6only: no, backlog: 5, device: lo, freebind: yes, transparent: yes,
         reuse_port: yes, nodelay: yes, keepalive: yes, defer_accept: 1500ms, fast_open: 3,
         receive_buffer: 64K, send_buffer: 1000, mark: 4294967295, tos: 16}
      - {address: "unix:/run/a b.sock", owner: bob, group: 8, mode: 07,
         make_directory: 01777}
      - unix:@name
      - unix-seqpacket:/run/seq
      - mptcp4:84
      - vsock:86
      - vsock:2:87
    run: [/bin/sh, -c, "", "null", ~x, "- y", "{", "a: b", 'x:', "#", "%", "\x01\x7F\x85\u2028"]
    enabled: no
    user: alice
    group: mail
    groups: [user, bob]
    directory: /srv/x
    umask: 0
    nice: -5
    argv0: "-x"
    environment: {EMPTY: "", NO: no, "N": "a\nb", TILDE: "~", NULLS: "null"}
    pass_environment: [TZ, LANG]
    stderr: null
    rlimits: {as: 64M:1G, core: 0, cpu: 10s, nofile: 64:unlimited, rttime: 5, stack: unlimited,
              data: 1000, fsize: 3T, locks: 1, memlock: 2, msgqueue: 3, nice: 4, nproc: 5, rss: 6,
              rtprio: 7, sigpending: 8}
    warm: {ready: 4, idle: 90s, always: yes}
    timeout: 36h
    stop_signal: 40
    stop_grace: 0s
    on_client_gone: stop
    linger: 1s
    allow: ['::1', "10.0.0.0/8", .example.org, user:alice]
    deny: [10.1.0.0/16]
    hours: [Mon-Fri 08:00-18:00]
    zone: Asia/Seoul
    limits: {instances: 5, rate: 10/s burst 20}
    banner: {refused: "busy\n"}
    trap: {ban: 90s}
    hosts_access: x
  plain: {listen: 127.0.0.1:83, run: cat -u}
  called: {listen: 127.0.0.1:92, run: cat, rpc: {program: rusersd, versions: [1-2, 4]}}
  handed:
    listen: [{address: 127.0.0.1:88, name: web}, {address: "unix:@handed"}]
    activate: [/bin/sh, -c, "x y"]
    handoff: listen_fds
    stop_after: 90s
    ready: notify
    start_timeout: 5s
  forwarded: {listen: 127.0.0.1:89, forward: 127.0.0.1:80}
  forwarded_to_some:
    listen: 127.0.0.1:90
    forward: ["[2001:db8::1]:80", "www.Example.org:finger", unix:a b, "unix:@x"]
  forwarded_somehow:
    listen: 127.0.0.1:91
    forward: {to: [unix:/run/x, 192.0.2.1:1], connect_timeout: 100ms, idle_timeout: 1h,
              proxy_protocol: v2}
  datagrams:
    listen:
      - {address: "udp:69", multicast: [239.1.2.3, "ff02::1:3%lo"], retry: yes}
      - "udp:[fe80::1%2]:85"
    activate: cat
)";

ServiceTable loaded(const Room& room, const std::string& text) {
  const Loaded loaded = room.load(text);
  CAPTURE(text, room.said(loaded));
  REQUIRE(loaded.table);
  return *loaded.table;
}

void check_same(const ServiceTable& a, const ServiceTable& b) {
  CHECK(a.daemon == b.daemon);
  REQUIRE(a.services.size() == b.services.size());
  for (std::size_t i = 0; i < a.services.size(); ++i) {
    CAPTURE(a.services[i]->name, changed_keys(*a.services[i], *b.services[i]));
    CHECK(*a.services[i] == *b.services[i]);
  }
}

void check_round_trip(const Room& room, const std::string& text) {
  const ServiceTable table = loaded(room, text);
  const std::string yaml = emit_yaml(table);
  const ServiceTable again = loaded(room, yaml);
  check_same(table, again);
  check_same(table, loaded(room, emit_json(table)));
  CHECK(emit_json(again) == emit_json(table));
}

template <class Target>
void check_writers(std::span<const Key<Target>> keys) {
  for (const Key<Target>& key : keys) {
    CAPTURE(key.name);
    CHECK(key.write != nullptr);
  }
}

template <class Target>
void check_all_in(const std::string& text, std::span<const Key<Target>> keys) {
  for (const Key<Target>& key : keys) {
    CAPTURE(key.name);
    std::string quoted = "\"";  // piece by piece: of a sum GCC 12 warns for nothing here
    quoted.append(key.name).append("\":");
    CHECK(text.find(quoted) != std::string::npos);
  }
}

}  // namespace

TEST_CASE("every key has a writer") {
  check_writers(all_service_keys());
  check_writers(listen_keys());
  check_writers(daemon_keys());
  check_writers(log_keys());
  check_writers(control_keys());
  check_writers(control_access_keys());
  check_writers(forward_keys());
}

TEST_CASE("a table of every key is read back as it was") {
  Room room;
  room.host.groups["all"] = 100;
  check_round_trip(room, everything);
  const std::string text = emit_json(loaded(room, everything));
  check_all_in(text, listen_keys());
  check_all_in(text, daemon_keys());
  check_all_in(text, log_keys());
  check_all_in(text, control_keys());
  check_all_in(text, control_access_keys());
  check_all_in(text, forward_keys());
  // What is passed on has become part of the environment.
  check_all_in(text + "\"pass_environment\":", all_service_keys());
}

TEST_CASE("without root there is nobody to write of") {
  Room room;
  room.host.me = "alice";
  check_round_trip(room, working_with("user: alice"));
  CHECK(emit_yaml(loaded(room, working_with(""))).find("user") == std::string::npos);
}

TEST_CASE("a program at a relative path is the same elsewhere") {
  Room room;
  room.host.programs.insert(room.path("bin/mine"));
  const ServiceTable table = loaded(room, service_with({"listen: 1", "run: ./bin/mine -x"}));
  const Loaded again = load(room.write("other/place/t.yaml", emit_yaml(table)), room.host);
  check_same(table, again.table.value());
}

TEST_CASE("random tables are read back as they were") {
  const std::vector<Messages> choices = {
      {"", "description: 'x: y'", "description: \"#\""},
      {"listen: 1", "listen: [1, 'unix:/x']", "listen: {address: '*:1', v6only: no, mark: 1}"},
      {"run: cat", "run: [/bin/sh, -c, 'a \"b\" \\']", "run: /bin/sh -c 'x y'"},
      {"", "user: alice", "user: root", "user: 1001"},
      {"", "groups: none", "groups: [mail, user]"},
      {"", "group: mail", "enabled: no", "directory: ./x"},
      {"", "umask: 077", "nice: 19", "argv0: '-sh'"},
      {"", "environment: {A: 1}", "pass_environment: TZ", "environment: {B: ' '}"},
      {"", "stderr: socket", "stderr: null", "rlimits: {cpu: 1:2}"},
      {"", "timeout: 61s", "timeout: 1500ms", "stop_signal: KILL", "stop_signal: 64"},
      {"", "stop_grace: 1ms", "on_client_gone: stop", "linger: 24h"},
  };
  std::mt19937 random(2026);  // the same tables in each run
  const Room room;
  for (int round = 0; round < 200; ++round) {
    Messages keys;
    for (const Messages& words : choices) keys.push_back(words[random() % words.size()]);
    check_round_trip(room, service_with(keys));
  }
}

TEST_CASE("each key tells where it was written") {
  const Room room;
  const ServiceTable table = loaded(room,
                                    "defaults:\n  timeout: 10s\ndaemon: {instances: 5}\nservices:\n"
                                    "  x:\n    listen: '[::1]:79'\n    run: cat 'a b'\n"
                                    "    environment: {A: 1}\n    user: root\n");
  CHECK(room.without_path(emit_yaml(table)) ==
        "daemon:\n"
        "  instances: 5\n"
        "services:\n"
        "  x:\n"
        "    listen: \"[::1]:79\"  # t.yaml:6\n"
        "    run: [cat, \"a b\"]  # t.yaml:7\n"
        "    user: root  # t.yaml:9\n"
        "    group: 0\n"
        "    groups: [0]\n"
        "    environment: {A: 1}  # t.yaml:8\n"
        "    timeout: 10s  # t.yaml:2\n");
}

TEST_CASE("only the services that are named") {
  const Room room;
  const ServiceTable table = loaded(room, everything);
  const Messages names = {"plain"};
  CHECK(emit_json(table, names) ==
        R"({"services": {"plain": {"listen": "127.0.0.1:83", "run": ["cat", "-u"], )"
        R"("user": "nobody", "group": "65534", "groups": ["65534"], "umask": "027"}}})");
  CHECK(emit_yaml(ServiceTable{}) == "services: {}\n");
}

TEST_CASE("what differs is named by its keys") {
  const Room room;
  const auto service = [&](const std::string& key) { return room.service(working_with(key)); };
  const Service plain = service("");
  CHECK(changed_keys(plain, plain).empty());
  CHECK(changed_keys(plain, service("timeout: 10s")) == Messages{"timeout"});
  CHECK(changed_keys(plain, service("user: alice")) == Messages{"user", "group", "groups"});
  CHECK(changed_keys(plain, service("enabled: no")) == Messages{"enabled"});
  Service renumbered = plain, elsewhere = plain;
  renumbered.process.edit([](Process& process) { process.identity->uid = 5; });
  std::get<RunHandler>(elsewhere.activation).program = "/usr/bin/cat";
  CHECK(changed_keys(plain, renumbered) == Messages{"user"});
  CHECK(changed_keys(plain, elsewhere) == Messages{"run"});
  const auto handing = [&](const Messages& more) {
    Messages keys{"listen: 127.0.0.1:7001", "activate: /bin/cat"};
    keys.insert(keys.end(), more.begin(), more.end());
    return room.service(service_with(keys));
  };
  const Service handed = handing({});
  CHECK(changed_keys(plain, handed) == Messages{"run", "activate"});
  CHECK(changed_keys(handed, handing({"handoff: stdin"})) == Messages{"handoff"});
  CHECK(changed_keys(handed, handing({"stop_after: 5s"})) == Messages{"stop_after"});
  CHECK(changed_keys(handed, handing({"ready: notify"})) == Messages{"ready"});
  const Service forwarded =
      room.service(service_with({"listen: 127.0.0.1:7001", "forward: 127.0.0.1:80"}));
  CHECK(changed_keys(plain, forwarded) == Messages{"run", "forward"});
  CHECK(changed_keys(forwarded, room.service(service_with(
                                    {"listen: 127.0.0.1:7001", "forward: [127.0.0.1:81]"}))) ==
        Messages{"forward"});
  Daemon daemon;
  daemon.control.enabled = false;
  daemon.instances = 5;
  CHECK(changed_keys(Daemon{}, daemon) == Messages{"control", "instances"});
}

TEST_CASE("a key tells where it was written, in its defaults too") {
  const Room room;
  const ServiceTable table =
      loaded(room,
             "defaults: {timeout: 1s}\nservices:\n  x:\n    listen: 79\n    run: /bin/cat\n"
             "    limits: {instances: 5}\n");
  const Service& service = *table.services[0];
  CHECK(place_of_key(table, service, "limits").line == 6);
  CHECK(place_of_key(table, service, "timeout").line == 1);
  CHECK(place_of_key(table, service, "hours").line == 0);
}
