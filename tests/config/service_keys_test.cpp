// SPDX-License-Identifier: MIT
// Every key of "The process": what it takes, what it refuses, and how that is said.
#include "tests/config/room.hpp"

using namespace superd;
using namespace std::chrono_literals;

namespace {

Process process_with(const std::string& key) { return Room().service(working_with(key)).process; }

}  // namespace

TEST_CASE("a service as small as it can be has the defaults of the manual") {
  const Service service = Room().service(working_with(""));
  CHECK(service.name == "x");
  CHECK(service.enabled);
  CHECK(service.place.line == 2);
  CHECK(service.place.column == 3);
  const Process& process = service.process;
  CHECK(process.directory == "/");
  CHECK(process.umask == 022);
  CHECK(!process.nice);
  CHECK(!process.argv0);
  CHECK(process.environment.empty());
  CHECK(process.stderr_to == StderrTo::log);
  CHECK(process.rlimits.empty());
  CHECK(!process.timeout);
  CHECK(process.stop_signal == SIGTERM);
  CHECK(process.stop_grace == 5s);
  CHECK(process.on_client_gone == ClientGone::ignore);
  CHECK(process.linger == 0s);
}

TEST_CASE("the keys of a process mean what they look like") {
  CHECK(Room().service(working_with("description: says hello")).description == "says hello");
  CHECK(!Room().service(working_with("enabled: no")).enabled);
  CHECK(!Room().service(working_with("enabled: 'OFF'")).enabled);
  CHECK(Room().service(working_with("enabled: True")).enabled);
  CHECK(process_with("directory: /srv").directory == "/srv");
  CHECK(process_with("umask: 022").umask == 022);
  CHECK(process_with("umask: '7'").umask == 7);
  CHECK(process_with("nice: -20").nice == -20);
  CHECK(process_with("nice: 19").nice == 19);
  CHECK(process_with("argv0: -sh").argv0 == "-sh");
  CHECK(process_with("stderr: null").stderr_to == StderrTo::null);
  CHECK(process_with("stderr: socket").stderr_to == StderrTo::socket);
  CHECK(process_with("stderr: \"log\"").stderr_to == StderrTo::log);
  CHECK(process_with("timeout: 90min").timeout == 90min);
  CHECK(!process_with("timeout: unlimited").timeout);
  CHECK(process_with("stop_grace: 0s").stop_grace == 0s);
  CHECK(process_with("on_client_gone: stop").on_client_gone == ClientGone::stop);
  CHECK(process_with("linger: 2s").linger == 2s);
}

TEST_CASE("warm is a number, or says more") {
  const auto warmth = [](const std::string& key) {
    const Service service = Room().service(working_with(key));
    return std::get<RunHandler>(service.activation).warm;
  };
  CHECK(warmth("") == Warmth{0, 5min, false});
  CHECK(warmth("warm: 4") == Warmth{4, 5min, false});
  CHECK(warmth("warm: {ready: 2, idle: 90s, always: yes}") == Warmth{2, 90s, true});
}

TEST_CASE("a relative directory begins at the file") {
  const Room room;
  CHECK(room.service(working_with("directory: ./data/")).process->directory == room.path("data/"));
}

TEST_CASE("signals have names and numbers") {
  CHECK(process_with("stop_signal: TERM").stop_signal == SIGTERM);
  CHECK(process_with("stop_signal: SIGINT").stop_signal == SIGINT);
  CHECK(process_with("stop_signal: 9").stop_signal == SIGKILL);
  CHECK(process_with("stop_signal: USR2").stop_signal == SIGUSR2);
}

TEST_CASE("environment is a mapping of texts") {
  const auto environment =
      process_with("environment: {LANG: C, EMPTY: \"\", NUMBER: 012, _x1: no, NIL: null}")
          .environment;
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"LANG", "C"}, {"EMPTY", ""}, {"NUMBER", "012"}, {"_x1", "no"}, {"NIL", "null"}};
  CHECK(environment == expected);
}

TEST_CASE("what is passed on has the value of superd's own environment, unless it is written") {
  const auto environment =
      process_with("environment: {TZ: UTC}\n    pass_environment: [LANG, TZ, NOT_SET]").environment;
  const std::vector<std::pair<std::string, std::string>> expected = {{"TZ", "UTC"},
                                                                     {"LANG", "C.UTF-8"}};
  CHECK(environment == expected);
  CHECK(process_with("pass_environment: LANG").environment.size() == 1);
}

TEST_CASE("limits are sizes, numbers or durations, alone or as soft and hard") {
  struct Row {
    const char* text;
    int resource;
    rlim_t soft, hard;
  };
  const Row row = GENERATE(values<Row>({
      {"as: 64M", RLIMIT_AS, 64 << 20, 64 << 20},
      {"core: 0", RLIMIT_CORE, 0, 0},
      {"core: unlimited", RLIMIT_CORE, RLIM_INFINITY, RLIM_INFINITY},
      {"cpu: 10s", RLIMIT_CPU, 10, 10},
      {"cpu: 10", RLIMIT_CPU, 10, 10},
      {"cpu: 500ms", RLIMIT_CPU, 1, 1},
      {"cpu: 1min:unlimited", RLIMIT_CPU, 60, RLIM_INFINITY},
      {"nofile: 64:1024", RLIMIT_NOFILE, 64, 1024},
      {"nproc: 5", RLIMIT_NPROC, 5, 5},
      {"rttime: 5ms", RLIMIT_RTTIME, 5000, 5000},
      {"stack: 8M:16M", RLIMIT_STACK, 8 << 20, 16 << 20},
      {"nice: 20", RLIMIT_NICE, 20, 20},
      {"locks: 9", RLIMIT_LOCKS, 9, 9},
  }));
  CAPTURE(row.text);
  const auto limits =
      process_with("rlimits: {\"" +
                   std::string(row.text).replace(std::string(row.text).find(": "), 2, "\": \"") +
                   "\"}")
          .rlimits;
  REQUIRE(limits.size() == 1);
  CHECK(limits[0].resource == row.resource);
  CHECK(limits[0].soft == row.soft);
  CHECK(limits[0].hard == row.hard);
}

TEST_CASE("a faulty value is said with its place, its name and a remedy") {
  struct Row {
    const char* key;
    const char* message;
  };
  const Row row = GENERATE(values<Row>({
      {"description: [a]",
       "5:18: service 'x': 'description' is a list; say in a few words what the service does"},
      {"enabled: perhaps", "5:14: service 'x': 'enabled' is \"perhaps\"; give yes or no"},
      {"enabled:", "5:5: service 'x': 'enabled' has no value; give yes or no"},
      {"enabled: ~", "5:5: service 'x': 'enabled' has no value; give yes or no"},
      {"directory: [/, /usr]", "5:16: service 'x': 'directory' is a list; give a directory"},
      {"directory: /no/such",
       "5:16: service 'x': directory '/no/such': no such directory; give another"},
      {"umask: 999", "5:12: service 'x': 'umask' is \"999\"; give an octal number from 0 to 0777"},
      {"umask: 1777",
       "5:12: service 'x': 'umask' is \"1777\"; give an octal number from 0 to 0777"},
      {"nice: 20", "5:11: service 'x': 'nice' is \"20\"; give a whole number from -20 to 19"},
      {"nice: ten", "5:11: service 'x': 'nice' is \"ten\"; give a whole number from -20 to 19"},
      {"argv0: ''", "5:12: service 'x': 'argv0' is empty; give the name that the program sees"},
      {"stderr: nul", "5:13: service 'x': 'stderr' is \"nul\"; give log, socket or null"},
      {"stderr: {to: log}", "5:13: service 'x': 'stderr' is a mapping; give log, socket or null"},
      {"timeout: 10",
       "5:14: service 'x': 'timeout' is \"10\"; give a number and a unit: 500ms, 10s, 5min, 2h or "
       "1d"},
      {"timeout: 0s", "5:14: service 'x': 'timeout' is \"0s\"; give at least 1ms"},
      {"stop_signal: TREM",
       "5:18: service 'x': 'stop_signal' is \"TREM\"; give a signal: TERM, INT, HUP, KILL …, or "
       "its number"},
      {"stop_signal: 0",
       "5:18: service 'x': 'stop_signal' is \"0\"; give a signal: TERM, INT, HUP, KILL …, or its "
       "number"},
      {"stop_grace: soon",
       "5:17: service 'x': 'stop_grace' is \"soon\"; give a number and a unit: 500ms, 10s, 5min, "
       "2h or 1d"},
      {"on_client_gone: yes",
       "5:21: service 'x': 'on_client_gone' is \"yes\"; give ignore or stop"},
      {"linger: unlimited",
       "5:13: service 'x': 'linger' is \"unlimited\"; give a number and a unit: 500ms, 10s, 5min, "
       "2h or 1d"},
      {"environment: [A]",
       "5:18: service 'x': 'environment' is a list; give a mapping such as {LANG: C.UTF-8}"},
      {"environment: {1A: x}",
       "5:19: service 'x': '1A' is no name of a variable; use letters, digits and '_'"},
      {"environment: {A-B: x}",
       "5:19: service 'x': 'A-B' is no name of a variable; use letters, digits and '_'"},
      {"environment: {REMOTE_HOST: x}",
       "5:19: service 'x': 'REMOTE_HOST' is set by superd itself; use another name"},
      {"environment: {PROTO: x}",
       "5:19: service 'x': 'PROTO' is set by superd itself; use another name"},
      {"environment: {A: }",
       "5:19: service 'x': 'A' has no value; give a text, \"\" for an empty one"},
      {"environment: {A: [b]}",
       "5:22: service 'x': 'A' is a list; give a text, \"\" for an empty one"},
      {"environment: {LISTEN_FDS: 1}",
       "5:19: service 'x': 'LISTEN_FDS' is set by superd itself; use another name"},
      {"pass_environment: [LISTEN_PID]",
       "5:24: service 'x': 'LISTEN_PID' is set by superd itself; use another name"},
      {"pass_environment: [SUPERD_SERVICE]",
       "5:24: service 'x': 'SUPERD_SERVICE' is set by superd itself; use another name"},
      {"pass_environment: [[A]]",
       "5:24: service 'x': 'pass_environment' is a list; give the name of a variable"},
      {"rlimits: 5",
       "5:14: service 'x': 'rlimits' is \"5\"; give a mapping such as {nofile: 64, cpu: 10s}"},
      {"rlimits: {nofiles: 5}",
       "5:15: service 'x': 'rlimits' has no 'nofiles'; did you mean "
       "'nofile'?"},
      {"rlimits: {nofile: many}",
       "5:23: service 'x': 'nofile' is \"many\"; give a whole number, SOFT:HARD, or unlimited"},
      {"rlimits: {as: 5X}",
       "5:19: service 'x': 'as' is \"5X\"; give a size such as 64M, SOFT:HARD, or unlimited"},
      {"rlimits: {nofile: '9:8'}",
       "5:23: service 'x': 'nofile' is \"9:8\"; the soft limit can't "
       "be above the hard one; give SOFT:HARD"},
      {"rlimits: {nofile: 'unlimited:8'}",
       "5:23: service 'x': 'nofile' is \"unlimited:8\"; the soft limit can't be above the hard "
       "one; give SOFT:HARD"},
      {"rlimits: {cpu: '1:2:3'}",
       "5:20: service 'x': 'cpu' is \"1:2:3\"; give a duration such as 30s, SOFT:HARD, or "
       "unlimited"},
      {"rlimits: {as: }",
       "5:15: service 'x': 'as' has no value; give a size such as 64M, SOFT:HARD, or unlimited"},
  }));
  CAPTURE(row.key);
  CHECK(Room().faults(working_with(row.key)) == Messages{"t.yaml:" + std::string(row.message)});
}

TEST_CASE("an unknown limit lists the known ones") {
  const Messages said = Room().faults(working_with("rlimits: {colour: 5}"));
  REQUIRE(said.size() == 1);
  CHECK(said[0] ==
        "t.yaml:5:15: service 'x': 'rlimits' has no 'colour'; give as, core, cpu, data, fsize, "
        "locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime, sigpending or stack");
}

TEST_CASE("all faults are said at once, in the order of the lines") {
  const Messages said = Room().faults(
      service_with({"listen: 127.0.0.1:65536", "run: /no/such", "nice: ten", "colour: red"}));
  REQUIRE(said.size() == 4);
  for (std::size_t i = 0; i < said.size(); ++i) {
    CHECK(said[i].find("t.yaml:" + std::to_string(3 + i) + ":") == 0);
  }
}
