// SPDX-License-Identifier: MIT
// The variables of a connection, in every dialect.
#include "superd/core/peer_environment.hpp"

#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/catch.hpp"

using namespace superd;

namespace {

using Strings = std::vector<std::string>;

Strings variables(PeerEnvironment environment) {
  Strings all;
  for (std::size_t i = 0; i < environment.count(); ++i) all.push_back(environment.variable(i));
  return all;
}

InetPeer inet(Transport transport, const char* remote, const char* local) {
  return {transport, {*parse_ip(remote), 50212}, {*parse_ip(local), 79}};
}

InetPeer tcp(const char* remote, const char* local) { return inet(Transport::tcp, remote, local); }

UnixPeer sender(std::string path) {
  return {1000, 100, 4711, {"/run/x.sock", false, UnixKind::datagram}, std::move(path)};
}

UnixPeer local_peer(std::string path, bool abstract = false) {
  return {1000, 100, 4711, {std::move(path), abstract}};
}

}  // namespace

TEST_CASE("each peer is told in all dialects") {
  struct Row {
    Peer peer;
    Strings variables;
  };
  const Row row = GENERATE(values<Row>({
      {tcp("192.0.2.1", "192.0.2.9"),
       {"SUPERD_CONNECTION=7", "PROTO=TCP", "TCPLOCALIP=192.0.2.9", "TCPLOCALPORT=79",
        "TCPREMOTEIP=192.0.2.1", "TCPREMOTEPORT=50212", "REMOTE_ADDR=192.0.2.1",
        "REMOTE_PORT=50212", "REMOTE_HOST=192.0.2.1"}},
      {tcp("2001:db8::1", "::1"),
       {"SUPERD_CONNECTION=7", "PROTO=TCP", "TCPLOCALIP=::1", "TCPLOCALPORT=79",
        "TCPREMOTEIP=2001:db8::1", "TCPREMOTEPORT=50212", "REMOTE_ADDR=2001:db8::1",
        "REMOTE_PORT=50212", "REMOTE_HOST=2001:db8::1"}},
      {local_peer("/run/x.sock"),
       {"SUPERD_CONNECTION=7", "PROTO=IPC", "IPCLOCALPATH=/run/x.sock", "IPCREMOTEEUID=1000",
        "IPCREMOTEEGID=100", "IPCREMOTEPID=4711"}},
      {local_peer("x", true),
       {"SUPERD_CONNECTION=7", "PROTO=IPC", "IPCLOCALPATH=@x", "IPCREMOTEEUID=1000",
        "IPCREMOTEEGID=100", "IPCREMOTEPID=4711"}},
      {inet(Transport::mptcp, "192.0.2.1", "192.0.2.9"),
       {"SUPERD_CONNECTION=7", "PROTO=TCP", "TCPLOCALIP=192.0.2.9", "TCPLOCALPORT=79",
        "TCPREMOTEIP=192.0.2.1", "TCPREMOTEPORT=50212", "REMOTE_ADDR=192.0.2.1",
        "REMOTE_PORT=50212", "REMOTE_HOST=192.0.2.1"}},
      {inet(Transport::udp, "192.0.2.1", "192.0.2.9"),
       {"SUPERD_CONNECTION=7", "PROTO=UDP", "UDPLOCALIP=192.0.2.9", "UDPLOCALPORT=79",
        "UDPREMOTEIP=192.0.2.1", "UDPREMOTEPORT=50212", "REMOTE_ADDR=192.0.2.1",
        "REMOTE_PORT=50212", "REMOTE_HOST=192.0.2.1"}},
      {inet(Transport::sctp, "::1", "::1"),
       {"SUPERD_CONNECTION=7", "PROTO=SCTP", "SCTPLOCALIP=::1", "SCTPLOCALPORT=79",
        "SCTPREMOTEIP=::1", "SCTPREMOTEPORT=50212", "REMOTE_ADDR=::1", "REMOTE_PORT=50212",
        "REMOTE_HOST=::1"}},
      {sender("@me"),
       {"SUPERD_CONNECTION=7", "PROTO=IPC", "IPCLOCALPATH=/run/x.sock", "IPCREMOTEEUID=1000",
        "IPCREMOTEEGID=100", "IPCREMOTEPID=4711", "IPCREMOTEPATH=@me"}},
      {VsockPeer{3, 50212, {2, 79}},
       {"SUPERD_CONNECTION=7", "PROTO=VSOCK", "VSOCKLOCALCID=2", "VSOCKLOCALPORT=79",
        "VSOCKREMOTECID=3", "VSOCKREMOTEPORT=50212"}},
      {VsockPeer{3, 50212, {{}, 79}},
       {"SUPERD_CONNECTION=7", "PROTO=VSOCK", "VSOCKLOCALPORT=79", "VSOCKREMOTECID=3",
        "VSOCKREMOTEPORT=50212"}},
  }));
  CHECK(variables(PeerEnvironment(row.peer, 7)) == row.variables);
}

TEST_CASE("the longest peers there are fit") {
  const char* address = "2001:db8:1111:2222:3333:4444:5555:6666%4294967295";
  const Strings of_tcp = variables(PeerEnvironment(tcp(address, address), UINT64_MAX));
  CHECK(of_tcp.size() == 9);
  CHECK(of_tcp.front() == "SUPERD_CONNECTION=18446744073709551615");
  CHECK(of_tcp.back() == std::string("REMOTE_HOST=") + address);

  const std::string path(longest_unix_path, 'x');
  const Strings of_unix = variables(PeerEnvironment(local_peer(path), 1));
  CHECK(of_unix[2] == "IPCLOCALPATH=" + path);
  UnixPeer both = local_peer(path);
  both.path = "@" + path;
  CHECK(variables(PeerEnvironment(both, 1)).back() == "IPCREMOTEPATH=@" + path);
}

TEST_CASE("what doesn't fit is a bug and is told as one") {
  CHECK_THROWS_AS(PeerEnvironment(local_peer(std::string(1000, 'x')), 1), std::length_error);
}

TEST_CASE("who is handed sockets is told of them, and of no peer") {
  PeerEnvironment environment(7, 2, "web:admin");
  CHECK(variables(environment) == Strings{"SUPERD_CONNECTION=7", "LISTEN_FDS=2",
                                          "LISTEN_FDNAMES=web:admin", "LISTEN_PID=          "});
  REQUIRE(environment.listen_pid() != nullptr);
  const char digits[] = "4194304000";
  REQUIRE(sizeof digits == PeerEnvironment::pid_digits);
  std::memcpy(environment.listen_pid(), digits, sizeof digits);
  PeerEnvironment copy = environment;
  CHECK(copy.listen_pid() != environment.listen_pid());
  CHECK(variables(copy).back() == "LISTEN_PID=4194304000");

  PeerEnvironment asked(7, 1, "web", "@00001");
  CHECK(variables(asked)[1] == "NOTIFY_SOCKET=@00001");
  CHECK(asked.listen_pid() != nullptr);

  const std::string names(512, 'x');  // the most that a table may have
  PeerEnvironment longest(UINT64_MAX, 32, names);
  CHECK(variables(longest)[2] == "LISTEN_FDNAMES=" + names);
  CHECK(longest.listen_pid() != nullptr);
}

TEST_CASE("without sockets by number there is only the connection's") {
  PeerEnvironment environment(7, 0, "web");
  CHECK(variables(environment) == Strings{"SUPERD_CONNECTION=7"});
  CHECK(environment.listen_pid() == nullptr);
  CHECK(PeerEnvironment().listen_pid() == nullptr);
  PeerEnvironment with_peer(tcp("192.0.2.1", "192.0.2.9"), 1);
  CHECK(with_peer.listen_pid() == nullptr);
}

TEST_CASE("a copy has variables of its own") {
  PeerEnvironment copy;
  CHECK(copy.count() == 0);
  {
    PeerEnvironment original(tcp("192.0.2.1", "192.0.2.9"), 1);
    copy = original;
    *original.variable(0) = 'X';
  }
  CHECK(std::string(copy.variable(0)) == "SUPERD_CONNECTION=1");
}
