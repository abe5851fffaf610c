// SPDX-License-Identifier: MIT
// What services take from defaults and from each other; and the table of one command line.
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
        Messages{"t.yaml:2:3: service 'x': there is no verb; add `run: PROGRAM`"});
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
