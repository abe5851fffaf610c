// SPDX-License-Identifier: MIT
// The key run: words, where the program is, and what is said if it isn't.
#include "tests/config/room.hpp"

using namespace superd;

namespace {

const std::string path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string running(const std::string& command) {
  return service_with({"listen: 127.0.0.1:7001", "run: " + command});
}

RunHandler handler(const Room& room, const std::string& command) {
  return std::get<RunHandler>(room.service(running(command)).activation);
}

Messages said_of(const std::string& command) { return Room().faults(running(command)); }

}  // namespace

TEST_CASE("a command is a list, or split as a shell splits it") {
  const Room room;
  CHECK(handler(room, "/bin/cat").arguments == Messages{"/bin/cat"});
  CHECK(handler(room, "/bin/sh -c 'echo $HOME'").arguments ==
        Messages{"/bin/sh", "-c", "echo $HOME"});
  CHECK(handler(room, "[/bin/sh, -c, \"a b\", '', 012]").arguments ==
        Messages{"/bin/sh", "-c", "a b", "", "012"});
  CHECK(handler(room, "[/bin/cat, null]").arguments == Messages{"/bin/cat", "null"});
}

TEST_CASE("programs are found by path, in the services' directory, and in PATH") {
  Room room;
  room.host.programs.insert(room.path("mine"));
  room.host.programs.insert(room.path("bin/mine"));
  room.host.programs.insert("/usr/lib/superd/services/hello");
  room.host.programs.insert("/usr/lib/superd/services/upper/upper");
  CHECK(handler(room, "/bin/cat").program == "/bin/cat");
  CHECK(handler(room, "./mine").program == room.path("mine"));
  CHECK(handler(room, "bin/../bin/mine x").program == room.path("bin/mine"));
  CHECK(handler(room, "hello").program == "/usr/lib/superd/services/hello");
  CHECK(handler(room, "upper").program == "/usr/lib/superd/services/upper/upper");
  CHECK(handler(room, "cat").program == "/usr/bin/cat");
  CHECK(handler(room, "cat").arguments == Messages{"cat"});
  room.host.programs.insert("/usr/lib/superd/services/cat");
  CHECK(handler(room, "cat").program == "/usr/lib/superd/services/cat");
}

TEST_CASE("the services' directory is known wherever `daemon` stands") {
  Room room;
  room.host.programs.insert(room.path("progs/hello/hello"));
  const Service service = room.service(running("hello") + "daemon: {services_dir: progs}\n");
  CHECK(std::get<RunHandler>(service.activation).program == room.path("progs/hello/hello"));
}

TEST_CASE("a program that can't be run is said with its path") {
  CHECK(said_of("/no/such") == Messages{"t.yaml:4:10: service 'x': program '/no/such': no such "
                                        "file; give the path of an executable file"});
  CHECK(said_of("/etc/passwd").at(0).find("program '/etc/passwd': it is not executable; give") !=
        std::string::npos);
  CHECK(said_of("/usr").at(0).find("program '/usr': it is a directory; give") != std::string::npos);
  CHECK(said_of("[no-such, x]") ==
        Messages{"t.yaml:4:10: service 'x': program 'no-such' is neither in "
                 "'/usr/lib/superd/services' nor in PATH (" +
                 path + "); install it, or give its path"});
}

TEST_CASE("a bare name that is nearly right, or nearly a program, gets a hint") {
  Room room;
  room.write("progs/hello/hello", "");
  room.write("progs/quote", "");
  const std::string daemon = "daemon: {services_dir: progs}\n";
  CHECK(room.faults(daemon + running("helo")).at(0).find("; did you mean 'hello'?") !=
        std::string::npos);
  room.host.program_faults[room.path("progs/quote")] = "it is not executable";
  CHECK(room.without_path(room.faults(daemon + running("quote")).at(0))
            .find("; 'progs/quote': it is not executable") != std::string::npos);
}

TEST_CASE("faulty commands are said with a remedy") {
  const std::string form = "give a command: \"PROGRAM ARGUMENT …\" or [PROGRAM, ARGUMENT, …]";
  struct Row {
    std::string written;
    std::string message;
  };
  const Row row = GENERATE_COPY(values<Row>({
      {"", "4:5: service 'x': 'run' has no value; " + form},
      {"[]", "4:10: service 'x': 'run' is a list; " + form},
      {"['']", "4:10: service 'x': 'run' is a list; " + form},
      {"'  '", "4:10: service 'x': 'run' is \"  \"; " + form},
      {"{cat: x}", "4:10: service 'x': 'run' is a mapping; " + form},
      {"[/bin/cat, [x]]", "4:21: service 'x': 'run' is a list; give a word, \"\" for an empty one"},
      {"[/bin/cat, ~]",
       "4:21: service 'x': 'run' has no value; give a word, \"\" for an empty one"},
      {"\"/bin/cat 'x\"", "4:10: service 'x': 'run' is \"/bin/cat 'x\"; close the single quote"},
  }));
  CAPTURE(row.written);
  CHECK(said_of(row.written) == Messages{"t.yaml:" + row.message});
}

TEST_CASE("somebody who expects a shell is warned") {
  CHECK(said_of("/bin/cat | /usr/bin/sort") ==
        Messages{"t.yaml:4:10: warning: service 'x': 'run' passes '|' to the program as it is; "
                 "write [sh, -c, \"…\"] if a shell is wanted"});
  CHECK(said_of("[/bin/cat, '|']").empty());
}
