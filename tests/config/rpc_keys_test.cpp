// SPDX-License-Identifier: MIT
// The key `rpc`: what it takes, what it refuses, and which services are in each other's way.
#include "superd/config/emit.hpp"
#include "tests/config/room.hpp"

using namespace superd;

namespace {

using Versions = std::vector<std::uint32_t>;

RpcProgram rpc_of(const std::string& value) {
  const Service service = Room().service(working_with("rpc: " + value));
  return service.rpc.value_or(RpcProgram{});
}

std::string listening_on(const std::string& name, const std::string& listen,
                         const std::string& rpc) {
  return "  " + name + ": {listen: " + listen + ", run: /bin/cat, rpc: " + rpc + "}\n";
}

}  // namespace

TEST_CASE("a program of RPC is a number or a name, with versions") {
  CHECK(!Room().service(working_with("")).rpc);
  CHECK(rpc_of("{program: 536870913, versions: 1}") == RpcProgram{536870913, {1}});
  CHECK(rpc_of("{program: rusersd, versions: 2-4}") == RpcProgram{100002, {2, 3, 4}});
  CHECK(rpc_of("{program: 7, versions: [5, 1-2, 2]}") == RpcProgram{7, {1, 2, 5}});
  CHECK(rpc_of("{program: 4294967295, versions: 4294967295}").versions == Versions{4294967295});
  const std::string named = "services:\n" + listening_on("rusersd", "udp:0", "{versions: 3}");
  CHECK(Room().faults(named) ==
        Messages{"t.yaml:2:21: service 'rusersd': udp:0: 'run' is one process per connection, and "
                 "datagrams have none; use 'activate', whose program reads them all"});
  const Room room;
  const Loaded loaded = room.load("services:\n" + listening_on("rusersd", "0", "{versions: 3}"));
  REQUIRE(loaded.table);
  CHECK(loaded.table->services[0]->rpc == RpcProgram{100002, {3}});
}

TEST_CASE("what is no program of RPC is told so") {
  struct Row {
    std::string value, message;
  };
  const std::string program = "give a program's number, or a name that /etc/rpc has";
  const std::string versions = "give a number, 1-3, or a list of them; at most 32 versions";
  const Row row = GENERATE_COPY(values<Row>({
      {"7",
       "5:10: service 'x': 'rpc' is \"7\"; give a mapping such as {program: 100001, "
       "versions: 1-3}"},
      {"{program: 7}",
       "5:10: service 'x': 'rpc' has no `versions`; add those that the program "
       "answers to, 1-3"},
      {"{versions: 1}",
       "5:10: service 'x': 'rpc' has no `program`, and /etc/rpc has none that is "
       "named 'x'; add its number, or a name of /etc/rpc"},
      {"{program: 7, version: 1}",
       "5:23: service 'x': unknown key 'version'; did you mean 'versions'?"},
      {"{program: ruserd, versions: 1}", "5:20: service 'x': 'program' is \"ruserd\"; " + program},
      {"{program: 0, versions: 1}", "5:20: service 'x': 'program' is \"0\"; " + program},
      {"{program: 4294967296, versions: 1}",
       "5:20: service 'x': 'program' is \"4294967296\"; " + program},
      {"{program: 100000, versions: 1}",
       "5:20: service 'x': 'program' is \"100000\"; that is rpcbind itself; give the number of "
       "another program"},
      {"{program: 7, versions: 0}", "5:33: service 'x': 'versions' is \"0\"; " + versions},
      {"{program: 7, versions: 3-1}", "5:33: service 'x': 'versions' is \"3-1\"; " + versions},
      {"{program: 7, versions: 1-33}", "5:33: service 'x': 'versions' is \"1-33\"; " + versions},
      {"{program: 7, versions: two}", "5:33: service 'x': 'versions' is \"two\"; " + versions},
  }));
  CAPTURE(row.value);
  CHECK(Room().faults(working_with("rpc: " + row.value)) == Messages{"t.yaml:" + row.message});
}

TEST_CASE("rpcbind knows TCP and UDP, and one address of each for a version") {
  struct Row {
    std::string services;
    Messages faults;
  };
  const std::string only = ": rpcbind knows TCP and UDP only; move it to a service without 'rpc'";
  const std::string one = ": rpcbind has one address for program ";
  const Row row = GENERATE_COPY(values<Row>({
      {listening_on("a", "[tcp4:0, tcp6:0]", "{program: 7, versions: 1-3}") +
           listening_on("b", "0", "{program: 7, versions: 4}") +
           listening_on("c", "0", "{program: 8, versions: 1-4}"),
       {}},
      {listening_on("a", "[{address: \"tcp:0\", v6only: yes}, tcp4:0]",
                    "{program: 7, versions: 1}"),
       {}},
      {listening_on("a", "[\"unix:/run/x\", 0]", "{program: 7, versions: 1}"),
       {"2:16: service 'a': unix:/run/x" + only}},
      {listening_on("a", "\"vsock:5\"", "{program: 7, versions: 1}"),
       {"2:15: service 'a': vsock:5" + only}},
      {listening_on("a", "\"sctp:0\"", "{program: 7, versions: 1}"),
       {"2:15: service 'a': sctp:0" + only}},
      {listening_on("a", "[\"127.0.0.1:0\", \"127.0.0.2:0\"]", "{program: 7, versions: 1-2}"),
       {"2:31: service 'a': 127.0.0.2:0" + one +
        "7 version 1, tcp, and this service gives it 127.0.0.1:0 at t.yaml:2:16; leave one of "
        "them"}},
      {listening_on("a", "0", "{program: 7, versions: 1-2}") +
           listening_on("b", "tcp6:0", "{program: 7, versions: 2-3}"),
       {"3:15: service 'b': tcp6:0" + one +
        "7 version 2, tcp6, and service 'a' gives it *:0 at t.yaml:2:15; give another program or "
        "other versions"}},
  }));
  CAPTURE(row.services);
  Messages expected;
  for (const std::string& fault : row.faults) expected.push_back("t.yaml:" + fault);
  CHECK(Room().faults("services:\n" + row.services) == expected);
}

TEST_CASE("a disabled service is in nobody's way at rpcbind") {
  const std::string off =
      "  b: {listen: 0, run: /bin/cat, enabled: no, "
      "rpc: {program: 7, versions: 1}}\n";
  const std::string both = listening_on("a", "0", "{program: 7, versions: 1}") + off;
  CHECK(Room().faults("services:\n" + both).empty());
}
