// SPDX-License-Identifier: MIT
// What services take from defaults and from each other, what a verb can't do; and the table of one
// command line.
#include "tests/config/room.hpp"

using namespace superd;
using namespace std::chrono_literals;

namespace {

const std::string a_service = "services: {x: {listen: 127.0.0.1:1, run: /bin/cat}}\n";

std::string two_on(const std::string& first, const std::string& second) {
  return "services:\n  a: {listen: " + first + ", run: /bin/cat}\n  b: {listen: " + second +
         ", run: /bin/cat}\n";
}

Loaded load_command(const Room& room, CommandLineService service) {
  return load(service, room.host);
}

Service activated(const Messages& more) {
  Messages keys{"listen: 127.0.0.1:7001", "activate: /bin/cat -u"};
  keys.insert(keys.end(), more.begin(), more.end());
  return Room().service(service_with(keys));
}

std::string list_of(std::size_t count, const std::string& options = {}) {
  std::string list = "listen: [";
  for (std::size_t i = 0; i < count; ++i)
    list += "{address: 127.0.0.1:" + std::to_string(7001 + i) + options + "},";
  list.back() = ']';
  return list;
}

// Without the place, which has a table of its own, and without the service's name.
Messages faults_of(const Messages& keys) {
  Messages all = Room().faults(service_with(keys));
  for (std::string& one : all)
    if (const auto at = one.find("'x': "); at != one.npos) one.erase(0, at + 5);
  return all;
}

const std::string on_streams = "listen: 127.0.0.1:7001";
const std::string on_datagrams = "listen: udp:127.0.0.1:7001";
const std::string hand_over = "activate: /bin/cat";
const std::string forwarded = "forward: 127.0.0.1:80";

}  // namespace

TEST_CASE("defaults hold where a service is silent, key by key") {
  const Room room;
  const Service service = room.service(
      "services: {x: {listen: 127.0.0.1:1, run: /bin/cat, nice: 5, environment: {B: 2}, timeout: "
      "unlimited}}\n"
      "defaults: {nice: 9, umask: 077, environment: {A: 1}, timeout: 5s, rlimits: {core: 0}}\n");
  CHECK(service.process->nice == 5);
  CHECK(service.process->umask == 077);
  CHECK(service.process->environment.size() == 1);
  CHECK(service.process->environment[0].first == "B");
  CHECK(!service.process->timeout);
  CHECK(service.process->rlimits.size() == 1);
}

TEST_CASE("an included file's own defaults win over those of the main file") {
  const Room room;
  room.write("more.yaml", "defaults: {nice: 1}\n" + a_service);
  const Service service = room.service("include: more.yaml\ndefaults: {nice: 2, umask: 077}\n");
  CHECK(service.process->nice == 1);
  CHECK(service.process->umask == 077);
}

TEST_CASE("an included file's defaults are no others'") {
  const Room room;
  room.write("more.yaml", "defaults: {nice: 1}\n");
  const Messages said = room.faults("include: more.yaml\n" + a_service);
  CHECK(said == Messages{"more.yaml: there is nothing to serve; add `services:`"});
  room.write("more.yaml", "defaults: {nice: 1}\nservices: {}\n");
  CHECK(!room.service("include: more.yaml\n" + a_service).process->nice);
}

TEST_CASE("a fault in defaults is said once, and nothing follows from it") {
  const Messages said = Room().faults(
      "defaults: {user: carol, nice: ten}\nservices:\n"
      "  a: {listen: 127.0.0.1:1, run: /bin/cat}\n  b: {listen: 127.0.0.1:2, run: /bin/cat}\n");
  REQUIRE(said.size() == 2);
  CHECK(said[0].find("t.yaml:1:18: defaults: 'user' is \"carol\"") == 0);
  CHECK(said[1].find("t.yaml:1:31: defaults: 'nice' is \"ten\"") == 0);
}

TEST_CASE("what a service needs") {
  CHECK(Room().faults(service_with({"listen: 79"})) ==
        Messages{"t.yaml:2:3: service 'x': there is no verb; add `run: PROGRAM`, "
                 "`activate: PROGRAM` or `forward: ADDRESS`"});
  CHECK(Room().faults(service_with({"run: /bin/cat"})) ==
        Messages{"t.yaml:2:3: service 'x': there is no `listen`; add one, such as listen: "
                 "127.0.0.1:7001"});
  CHECK(Room().faults("services:\n  x: /bin/cat\n") ==
        Messages{"t.yaml:2:6: service 'x': this is \"/bin/cat\"; give a mapping such as {listen: "
                 "127.0.0.1:7001, run: cat}"});
}

TEST_CASE("names of services are short and plain") {
  const std::string name = GENERATE("\"a b\"", "-a", ".a", "\"\"", "a/b", "\"a\\e[31m\"");
  CAPTURE(name);
  const Messages said =
      Room().faults("services: {" + name + ": {listen: 127.0.0.1:1, run: /bin/cat}}");
  REQUIRE(said.size() == 1);
  CHECK(said[0].find("give it a name of at most 64 letters, digits and _-.+@") != said[0].npos);
}

TEST_CASE("services with one name are faults, with both places") {
  CHECK(Room().faults("services:\n  x: {listen: 127.0.0.1:1, run: /bin/cat}\n"
                      "  x: {listen: 127.0.0.1:2, run: /bin/cat}\n") ==
        Messages{"t.yaml:3:3: 'x' is written twice, first at t.yaml:2:3; remove one"});
  const Room room;
  room.write("more.yaml", "services: {x: {listen: 127.0.0.1:2, run: /bin/cat}}\n");
  CHECK(room.said(room.load(a_service + "include: more.yaml\n"))
            .at(0)
            .find("more.yaml:1:12: service 'x' is there already, at ") == 0);
}

TEST_CASE("a disabled service is checked like the others") {
  CHECK(Room().faults(working_with("enabled: no\n    nice: ten")).size() == 1);
}

TEST_CASE("two services can't bind one address") {
  struct Row {
    const char* first;
    const char* second;
    const char* message;  // "" for none
  };
  const Row row = GENERATE(values<Row>({
      {"127.0.0.1:79", "127.0.0.1:79", "127.0.0.1:79 is bound by service 'a' already, at "},
      {"79", "79", "*:79 is bound by service 'a' already, at "},
      {"79", "127.0.0.1:79", "127.0.0.1:79 is bound by service 'a' already, as *:79 at "},
      {"127.0.0.1:79", "79", "*:79 is bound by service 'a' already, as 127.0.0.1:79 at "},
      {"tcp6:79", "79", "*:79 is bound by service 'a' already, as tcp6:79 at "},
      {"unix:/x", "unix:/x", "unix:/x is bound by service 'a' already, at "},
      {"unix:@x", "unix:@x", "unix:@x is bound by service 'a' already, at "},
      {"0", "0", ""},
      {"79", "80", ""},
      {"tcp4:79", "tcp6:79", ""},
      {"127.0.0.1:79", "127.0.0.2:79", ""},
      {"127.0.0.1:79", "'[::1]:79'", ""},
      {"unix:/x", "unix:@/x", ""},
      {"{address: 79, reuse_port: yes}", "{address: 79, reuse_port: yes}", ""},
      {"{address: 79, reuse_port: yes}", "79", "*:79 is bound by service 'a' already, at "},
  }));
  CAPTURE(row.first, row.second);
  const Messages said = Room().faults(two_on(row.first, row.second));
  if (*row.message == '\0') {
    CHECK(said.empty());
  } else {
    REQUIRE(said.size() == 1);
    CHECK(said[0].find(std::string("service 'b': ") + row.message) != std::string::npos);
    CHECK(said[0].find("t.yaml:3:") == 0);
    CHECK(said[0].find("t.yaml:2:") != std::string::npos);
  }
}

TEST_CASE("nor can one service bind it twice; a disabled one binds nothing") {
  CHECK(Room().faults(service_with({"listen: [79, 79]", "run: /bin/cat"})) ==
        Messages{"t.yaml:3:18: service 'x': *:79 is bound by this service itself already, at "
                 "t.yaml:3:14; give another address or port"});
  CHECK(Room()
            .faults("services:\n  a: {listen: 79, run: /bin/cat, enabled: no}\n"
                    "  b: {listen: 79, run: /bin/cat}\n")
            .empty());
}

TEST_CASE("a command line makes a table of one service") {
  const Room room;
  const Loaded loaded =
      load_command(room, {{"127.0.0.1:79", "unix:x"}, "alice", {"cat", "-n", "a b"}});
  REQUIRE(loaded.table);
  CHECK(loaded.diagnostics.empty());
  const Service& service = *loaded.table->services.at(0);
  CHECK(service.name == "cat");
  CHECK(service.listen.size() == 2);
  CHECK(std::get<UnixAddress>(service.listen[1].address).path ==
        (std::filesystem::current_path() / "x").string());
  CHECK(std::get<RunHandler>(service.activation).program == "/usr/bin/cat");
  CHECK(std::get<RunHandler>(service.activation).arguments == Messages{"cat", "-n", "a b"});
  CHECK(service.process->identity.value().user == "alice");
}

TEST_CASE("programs of a command line are looked for in the PATH of whoever types it") {
  Room room;
  room.host.variables["PATH"] = "/opt/bin:/bin";
  room.host.programs.insert("/opt/bin/cat");
  const Loaded loaded = load_command(room, {{"79"}, {}, {"cat"}});
  CHECK(std::get<RunHandler>(loaded.table.value().services[0]->activation).program ==
        "/opt/bin/cat");
}

TEST_CASE("faults of a command line are said as such, without a caret") {
  const Room room;
  const auto said = [&](CommandLineService service) {
    std::string text;
    for (const Diagnostic& diagnostic : load_command(room, std::move(service)).diagnostics) {
      text += to_text(diagnostic);
    }
    return text;
  };
  CHECK(said({{"99999"}, {}, {"/bin/cat"}}) ==
        "command line: service 'cat': 'listen' is \"99999\"; port '99999' is over 65535; give one "
        "from 0 to 65535\n");
  CHECK(said({{"79"}, "carol", {"/bin/cat"}}) ==
        "command line: service 'cat': 'user' is \"carol\"; no such user; give one that exists\n");
  CHECK(said({{"79"}, {}, {"/no/such/thing x"}}).find("service 'thing_x': program '/no") !=
        std::string::npos);
  CHECK(said({{"79"}, {}, {}}).find("give a command") != std::string::npos);
  CHECK(said({{}, {}, {"cat"}}).find("'listen' is an empty list") != std::string::npos);
}

TEST_CASE("activate, and how it hands over") {
  const auto plain = std::get<HandOver>(activated({}).activation);
  CHECK(plain.program == "/bin/cat");
  CHECK(plain.arguments == Messages{"/bin/cat", "-u"});
  CHECK(plain.handoff == Handoff::both);
  CHECK(!plain.stop_after);
  CHECK(plain.ready == ReadyWhen::exec);
  const auto asked =
      std::get<HandOver>(activated({"ready: notify", "start_timeout: 5s"}).activation);
  CHECK(asked.ready == ReadyWhen::notify);
  CHECK(asked.start_timeout == 5s);
  CHECK(std::get<HandOver>(activated({"ready: notify"}).activation).start_timeout == 30s);
  struct Row {
    const char* word;
    Handoff handoff;
  };
  const Row row = GENERATE(values<Row>({{"both", Handoff::both},
                                        {"stdin", Handoff::standard_input},
                                        {"listen_fds", Handoff::listen_fds}}));
  CAPTURE(row.word);
  const Service service = activated({"handoff: " + std::string(row.word), "stop_after: 90s"});
  const auto verb = std::get<HandOver>(service.activation);
  CHECK(verb.handoff == row.handoff);
  CHECK(verb.stop_after == 90s);
  CHECK(command_of(service.activation)->program == "/bin/cat");
}

TEST_CASE("a socket has a name, or its service's") {
  const Service service = Room().service(
      service_with({"listen: [{address: 127.0.0.1:1, name: web-1.a/b}, 127.0.0.1:2]", hand_over}));
  CHECK(service.listen.at(0).options->name == "web-1.a/b");
  CHECK(service.listen.at(1).options->name.empty());
  const std::string longest(255, 'n');
  CHECK(Room()
            .service(
                service_with({"listen: {address: 127.0.0.1:1, name: " + longest + "}", hand_over}))
            .listen.at(0)
            .options->name == longest);
}

TEST_CASE("names that sd_listen_fds would misread") {
  const std::string name = GENERATE(as<std::string>(), "'a:b'", "'a b'", "\"a\\tb\"", "\"\\u00e9\"",
                                    "\"\\x7f\"", std::string(256, 'n'));
  CAPTURE(name);
  const Messages said =
      faults_of({"listen: {address: 127.0.0.1:1, name: " + name + "}", hand_over});
  REQUIRE(said.size() == 1);
  CHECK(said[0].find("'name' is ") == 0);
  CHECK(said[0].ends_with("; give at most 255 letters, digits and signs, and no colon"));
}

TEST_CASE("what a verb can't do") {
  struct Row {
    Messages keys;
    std::string said;
  };
  const auto asks_who = [](const std::string& key) {
    return "'" + key +
           "' asks who comes, and with 'activate' the program accepts, so superd never sees it; "
           "use 'run', or leave it to the program and the firewall";
  };
  const auto needs_connection = [](const std::string& key) {
    return "'" + key +
           "' needs a connection, and the program of 'activate' accepts them itself; remove it, "
           "or use 'run'";
  };
  const auto needs_program = [](const std::string& key) {
    return "'" + key +
           "' needs a program, and 'forward' has none; remove it, or set its standard value here "
           "where it comes from `defaults`";
  };
  const std::string only_streams =
      "this version forwards streams only; listen on TCP, unix: or vsock:, or use another verb";
  const std::string no_run =
      "'run' is one process per peer, and who writes to such a socket need have no address to be "
      "answered at; use 'activate', whose program reads them all";
  const auto has_none = [](const std::string& key) {
    return "'" + key +
           "' needs a connection, and udp:127.0.0.1:7001 has none; remove it, or make it a service "
           "of its own";
  };
  const std::vector<Row> rows = {
      {{on_datagrams, "run: /bin/cat", "banner: {accepted: hi}"}, has_none("banner")},
      {{on_datagrams, "run: /bin/cat", "stderr: socket"}, has_none("stderr: socket")},
      {{on_datagrams, "run: /bin/cat", "on_client_gone: stop"}, has_none("on_client_gone")},
      {{on_datagrams, "run: /bin/cat", "linger: 1s"}, has_none("linger")},
      {{"listen: unix-dgram:@x", "run: /bin/cat"}, "unix-dgram:@x: " + no_run},
      {{on_streams, hand_over, "allow: [10.0.0.0/8]"}, asks_who("allow")},
      {{on_streams, hand_over, "deny: [10.0.0.0/8]"}, asks_who("deny")},
      {{on_streams, hand_over, "hosts_access: x"}, asks_who("hosts_access")},
      {{on_streams, hand_over, "trap: {ban: 1h}"}, asks_who("trap")},
      {{on_streams, hand_over, "limits: {per_source: 1}"}, asks_who("limits.per_source")},
      {{on_streams, hand_over, "limits: {rate_per_source: 1/s}"},
       asks_who("limits.rate_per_source")},
      {{"listen: [127.0.0.1:1, 'udp:127.0.0.1:1']", hand_over, "allow: [10.0.0.0/8]"},
       asks_who("allow")},
      {{on_streams, hand_over, "banner: {accepted: hi}"}, needs_connection("banner")},
      {{on_datagrams, hand_over, "banner: {accepted: hi}"}, needs_connection("banner")},
      {{on_streams, hand_over, "stderr: socket"}, needs_connection("stderr: socket")},
      {{on_streams, hand_over, "on_client_gone: stop"}, needs_connection("on_client_gone")},
      {{on_streams, hand_over, "linger: 1s"}, needs_connection("linger")},
      {{on_datagrams, hand_over, "stop_after: 1s"},
       "udp:127.0.0.1:7001: 'stop_after' counts connections, and datagrams have none; remove it: "
       "most such programs end by themselves"},
      {{list_of(2), hand_over, "handoff: stdin"},
       "'handoff: stdin' hands over one socket, and there are 2; use listen_fds, or a service for "
       "each"},
      {{list_of(33), hand_over},
       "'activate' hands over at most 32 sockets, and there are 33; make it several services"},
      {{list_of(3, ", name: " + std::string(170, 'n')), hand_over},
       "the names of its sockets are too long, 513 of at most 512 characters in all; give shorter "
       "ones by 'name'"},
      {{on_streams, "run: /bin/cat", hand_over},
       "there are two verbs, `run` and `activate`; take one away"},
      {{on_streams, "run: /bin/cat", "handoff: stdin"}, "'handoff' is for `activate`; remove it"},
      {{on_streams, hand_over, "warm: 2"}, "'warm' is for `run`; remove it"},
      {{on_streams, "run: /bin/cat", "warm: {always: yes}"},
       "'warm' keeps no program ready; say how many, such as warm: {ready: 4}, or remove it"},
      {{on_streams, "run: /bin/cat", "warm: many"},
       "'warm' is \"many\"; give a whole number from 0 to 1000"},
      {{on_streams, "run: /bin/cat", "stop_after: 1s"},
       "'stop_after' is for `activate`, and for `run` on datagrams; a connection has an end of its "
       "own, and 'timeout' sets another"},
      {{on_streams, "run: /bin/cat", "ready: notify"},
       "'ready' and 'start_timeout' are for `activate`; remove them"},
      {{on_streams, "run: /bin/cat", "start_timeout: 1s"},
       "'ready' and 'start_timeout' are for `activate`; remove them"},
      {{on_streams, hand_over, "start_timeout: 1s"},
       "'start_timeout' is for a program that says when it is ready; add ready: notify, or remove "
       "it"},
      {{on_streams, hand_over, "ready: notify", "environment: {NOTIFY_SOCKET: /x}"},
       "'environment' gives NOTIFY_SOCKET, and with 'ready: notify' superd does; remove one"},
      {{on_streams, hand_over, "ready: soon"}, "'ready' is \"soon\"; give exec or notify"},
      {{on_streams, hand_over, forwarded},
       "there are two verbs, `activate` and `forward`; take one away"},
      {{on_streams, forwarded, "handoff: stdin"}, "'handoff' is for `activate`; remove it"},
      {{on_streams, forwarded, "stop_after: 1s"}, "'stop_after' is for programs; remove it"},
      {{on_streams, forwarded, "linger: 1s"}, needs_program("linger")},
      {{on_streams, forwarded, "stderr: socket"}, needs_program("stderr: socket")},
      {{on_streams, forwarded, "on_client_gone: stop"}, needs_program("on_client_gone")},
      {{on_streams, forwarded, "timeout: 1h"}, needs_program("timeout")},
      {{on_datagrams, forwarded}, "udp:127.0.0.1:7001: " + only_streams},
      {{"listen: unix-seqpacket:@x", forwarded}, "unix-seqpacket:@x: " + only_streams},
      {{"listen: sctp:1", forwarded}, "sctp:1: " + only_streams},
      {{on_streams, hand_over, "stop_after: 0s"}, "'stop_after' is \"0s\"; give at least 1ms"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.keys);
    CHECK(faults_of(row.keys) == Messages{row.said});
  }
}

TEST_CASE("faults of a socket are said where it is written, others at the service") {
  CHECK(Room().faults(service_with({"listen: [127.0.0.1:1, 'udp:127.0.0.1:1']", hand_over,
                                    "stop_after: 1s", "linger: 1s"})) ==
        Messages{"t.yaml:2:3: service 'x': 'linger' needs a connection, and the program of "
                 "'activate' accepts them itself; remove it, or use 'run'",
                 "t.yaml:3:27: service 'x': udp:127.0.0.1:1: 'stop_after' counts connections, and "
                 "datagrams have none; remove it: most such programs end by themselves"});
}

TEST_CASE("what a verb can do at its border") {
  const Messages keys = GENERATE(values<Messages>({
      {list_of(32), hand_over},
      {list_of(1), hand_over, "handoff: stdin"},
      {on_streams, hand_over, "limits: {instances: 1, rate: 5/s}", "hours: [08:00-18:00]"},
      {on_streams, hand_over, "stderr: null"},
      {on_datagrams, hand_over, "allow: [10.0.0.0/8]", "limits: {rate_per_source: 1/s}"},
      {"listen: unix-dgram:@x", hand_over, "allow: [user:alice]", "trap: {ban: 1h}"},
      {list_of(2, ", name: " + std::string(255, 'n')), hand_over},
      {list_of(40), forwarded, "banner: {accepted: hi}", "allow: [10.0.0.0/8]", "stderr: null"},
      {"listen: [unix:@x, mptcp:1, vsock:1]", forwarded, "limits: {per_source: 1}"},
  }));
  CAPTURE(keys);
  CHECK(Room().faults(service_with(keys)).empty());
}

TEST_CASE("defaults that only run can keep") {
  const std::string text = "defaults: {linger: 1s}\n" + service_with({on_streams, hand_over});
  CHECK(Room().faults(text).size() == 1);
  CHECK(
      Room()
          .faults("defaults: {linger: 1s}\n" + service_with({on_streams, hand_over, "linger: 0s"}))
          .empty());
}
