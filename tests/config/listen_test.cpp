// SPDX-License-Identifier: MIT
// The key listen: every way to write an address, the options, and the ways to get it wrong.
#include "tests/config/room.hpp"

using namespace superd;
using namespace std::chrono_literals;

namespace {

std::string service_on(const std::string& listen) {
  return service_with({"listen: " + listen, "run: /bin/cat"});
}

std::vector<std::string> bound(const Room& room, const std::string& listen) {
  std::vector<std::string> addresses;
  for (const Listen& socket : room.service(service_on(listen)).listen) {
    addresses.push_back(to_text(socket.address));
  }
  return addresses;
}

SocketOptions options_of(const std::string& listen) {
  return Room().service(service_on(listen)).listen.at(0).options;
}

}  // namespace

TEST_CASE("addresses may be written in many ways") {
  struct Row {
    std::string written;
    std::vector<std::string> bound;
  };
  const Row row = GENERATE(values<Row>({
      {"79", {"*:79"}},
      {"0", {"*:0"}},
      {"finger", {"*:79"}},
      {"'*:79'", {"*:79"}},
      {"'*:finger'", {"*:79"}},
      {"127.0.0.1:79", {"127.0.0.1:79"}},
      {"'[::1]:79'", {"[::1]:79"}},
      {"'[fe80::1%2]:79'", {"[fe80::1%2]:79"}},
      {"'[fe80::1%eth0]:79'", {"[fe80::1%2]:79"}},
      {"localhost:79", {"[::1]:79", "127.0.0.1:79"}},
      {"0.0.0.0:79", {"tcp4:79"}},
      {"'[::]:79'", {"tcp6:79"}},
      {"'[::ffff:127.0.0.1]:79'", {"127.0.0.1:79"}},
      {"tcp:79", {"*:79"}},
      {"tcp4:79", {"tcp4:79"}},
      {"tcp6:finger", {"tcp6:79"}},
      {"tcp4:127.0.0.1:79", {"127.0.0.1:79"}},
      {"tcp6:[::1]:79", {"[::1]:79"}},
      {"tcp4:localhost:79", {"127.0.0.1:79"}},
      {"tcp6:localhost:79", {"[::1]:79"}},
      {"tcp:localhost:79", {"[::1]:79", "127.0.0.1:79"}},
      {"tcp4:*:79", {"tcp4:79"}},
      {"unix:/run/x.sock", {"unix:/run/x.sock"}},
      {"unix:/run/../run//x.sock", {"unix:/run/x.sock"}},
      {"unix:@name", {"unix:@name"}},
      {"unix-seqpacket:/run/x.sock", {"unix-seqpacket:/run/x.sock"}},
      {"unix-seqpacket:@name", {"unix-seqpacket:@name"}},
      {"mptcp:79", {"mptcp:79"}},
      {"mptcp4:finger", {"mptcp4:79"}},
      {"mptcp:*:79", {"mptcp:79"}},
      {"mptcp:127.0.0.1:79", {"mptcp:127.0.0.1:79"}},
      {"mptcp6:localhost:79", {"mptcp:[::1]:79"}},
      {"sctp:[::]:79", {"sctp6:79"}},
      {"sctp:localhost:79", {"sctp:[::1]:79", "sctp:127.0.0.1:79"}},
      {"{address: 'sctp:79', v6only: yes}", {"sctp6:79"}},
      {"vsock:1024", {"vsock:1024"}},
      {"vsock:2:1024", {"vsock:2:1024"}},
      {"vsock:0", {"vsock:0"}},
      {"['79', 'sctp:79', 'vsock:79']", {"*:79", "sctp:79", "vsock:79"}},
      {"[79, 'unix:@x']", {"*:79", "unix:@x"}},
      {"{address: 79}", {"*:79"}},
      {"[{address: 79}, 80]", {"*:79", "*:80"}},
      {"{address: 79, v6only: yes}", {"tcp6:79"}},
      {"{address: '[::]:79', v6only: no}", {"*:79"}},
      {"{address: '[::1]:79', v6only: yes}", {"[::1]:79"}},
      {"{address: unix:/" + std::string(106, 'x') + "}", {"unix:/" + std::string(106, 'x')}},
  }));
  CAPTURE(row.written);
  CHECK(bound(Room(), row.written) == row.bound);
}

TEST_CASE("a relative UNIX path begins at the file") {
  const Room room;
  CHECK(bound(room, "unix:x.sock") == Messages{"unix:" + room.path("x.sock")});
}

TEST_CASE("each socket knows where it is written") {
  const Service service = Room().service(service_on("[79, {address: 80}]"));
  CHECK(service.listen.at(0).place.column == 14);
  CHECK(service.listen.at(1).place.column == 28);
}

TEST_CASE("options of a socket") {
  const SocketOptions tcp = options_of(
      "{address: 79, backlog: 5, device: lo, freebind: yes, transparent: yes, reuse_port: yes, "
      "nodelay: yes, keepalive: yes, defer_accept: 3s, fast_open: 16, receive_buffer: 64K, "
      "send_buffer: 1M, mark: 4294967295, tos: 255}");
  SocketOptions expected;
  expected.backlog = 5;
  expected.device = "lo";
  expected.freebind = expected.transparent = expected.reuse_port = true;
  expected.nodelay = expected.keepalive = true;
  expected.defer_accept = 3s;
  expected.fast_open = 16;
  expected.receive_buffer = 65536;
  expected.send_buffer = 1 << 20;
  expected.mark = 4294967295;
  expected.tos = 255;
  CHECK(tcp == expected);
  SocketOptions local;
  local.owner = 1000;
  local.group = 8;
  local.mode = 0660;
  local.backlog = 1;
  CHECK(options_of("{address: 'unix:/x', owner: alice, group: mail, mode: 0660, backlog: 1}") ==
        local);
  CHECK(options_of("79") == SocketOptions{});
}

TEST_CASE("groups, directories and retry") {
  SocketOptions expected;
  expected.multicast = {{*parse_ip("239.1.2.3"), ""}, {*parse_ip("ff02::1:3"), "lo"}};
  expected.retry = true;
  const std::string groups = "multicast: [239.1.2.3, 'ff02::1:3%lo', 239.1.2.3]";
  const std::string listen = "{address: 'udp:69', retry: yes, " + groups + "}";
  const Listen read =
      Room().service(service_with({"listen: " + listen, "activate: /bin/cat"})).listen.at(0);
  CHECK(read.options == expected);
  CHECK(to_text(read.address) == "udp:69");
  for (const auto& [written, mode] :
       {std::pair{"no", std::optional<mode_t>()}, {"yes", 0755}, {"0700", 0700}, {"01777", 01777}})
    CHECK(options_of(std::string("{address: 'unix:/x/y', make_directory: ") + written + "}")
              .make_directory == mode);
  CHECK(options_of("{address: 79, retry: yes, device: eth9}").device == "eth9");
}

TEST_CASE("faulty addresses are said with a remedy") {
  struct Row {
    std::string written;
    std::string message;
  };
  const std::string long_path = "unix:/" + std::string(200, 'x');
  const Row row = GENERATE_COPY(values<Row>({
      {"65536", "'listen' is \"65536\"; port '65536' is over 65535; give one from 0 to 65535"},
      {"127.0.0.1:99999999999999999999",
       "'listen' is \"127.0.0.1:99999999999999999999\"; port '99999999999999999999' is over "
       "65535; give one from 0 to 65535"},
      {"::1:79",
       "'listen' is \"::1:79\"; put an IPv6 address in brackets and quotes: \"[::1]:79\""},
      {"2001:db8::2:http",
       "'listen' is \"2001:db8::2:http\"; put an IPv6 address in brackets and quotes: "
       "\"[::1]:79\""},
      {"127.0.0.1", "'listen' is \"127.0.0.1\"; add ':' and a port"},
      {"'[::1]'",
       "'listen' is \"[::1]\"; give an address in brackets, ':' and a port: \"[::1]:79\""},
      {"'[::1]79'",
       "'listen' is \"[::1]79\"; give an address in brackets, ':' and a port: \"[::1]:79\""},
      {"'127.0.0.1:'",
       "'listen' is \"127.0.0.1:\"; give ADDRESS:PORT, or a port alone for every address"},
      {"':79'", "'listen' is \":79\"; give ADDRESS:PORT, or a port alone for every address"},
      {"fingr",
       "'listen' is \"fingr\"; no TCP service is called 'fingr' here; give the port's number"},
      {"127.0.0.1:-1",
       "'listen' is \"127.0.0.1:-1\"; no TCP service is called '-1' here; give the port's "
       "number"},
      {"300.0.0.1:79",
       "'listen' is \"300.0.0.1:79\"; '300.0.0.1' is no address; give one like 127.0.0.1 or ::1"},
      {"nowhere.example:79",
       "'listen' is \"nowhere.example:79\"; the host 'nowhere.example' can't be looked up (Name "
       "or service not known); give its address"},
      {"'[fe80::1%nix]:79'",
       "'listen' is \"[fe80::1%nix]:79\"; there is no interface 'nix' for such an address; give a "
       "link-local one, and after '%' an interface that 'ip link' shows"},
      {"'[x%eth0]:79'",
       "'listen' is \"[x%eth0]:79\"; there is no interface 'eth0' for such an address; give a "
       "link-local one, and after '%' an interface that 'ip link' shows"},
      {"tcp4:[::1]:79",
       "'listen' is \"tcp4:[::1]:79\"; '::1' has no IPv4 address; write tcp: or another host"},
      {"tcp6:127.0.0.1:79",
       "'listen' is \"tcp6:127.0.0.1:79\"; '127.0.0.1' has no IPv6 address; write tcp: or "
       "another host"},
      {"tcp6:v4.example:79",
       "'listen' is \"tcp6:v4.example:79\"; 'v4.example' has no IPv6 address; write tcp: or "
       "another host"},
      {"udp:finger",
       "'listen' is \"udp:finger\"; no UDP service is called 'finger' here; give the port's "
       "number"},
      {"udp5:69",
       "'listen' is \"udp5:69\"; the host 'udp5' can't be looked up (Name or service not known); "
       "give its address, or did you mean 'udp:'?"},
      {"upd:127.0.0.1:69",
       "'listen' is \"upd:127.0.0.1:69\"; 'upd' is no family of addresses; did you mean 'udp:'?"},
      {"unix-dgramm:/x",
       "'listen' is \"unix-dgramm:/x\"; 'unix-dgramm' is no family of addresses; did you mean "
       "'unix-dgram:'?"},
      {"file:/x",
       "'listen' is \"file:/x\"; 'file' is no family of addresses; give one such as tcp:, udp: or "
       "unix:"},
      {"'unix-seqpacket:@'",
       "'listen' is \"unix-seqpacket:@\"; give a path, or '@' and a name: "
       "unix-seqpacket:/run/x.sock, unix-seqpacket:@x"},
      {"udp4:[::1]:69",
       "'listen' is \"udp4:[::1]:69\"; '::1' has no IPv4 address; write udp: or another host"},
      {"vsock:http",
       "'listen' is \"vsock:http\"; give a port's number, or that of a machine, ':' and a port: "
       "vsock:1024, vsock:2:1024"},
      {"vsock:any:5",
       "'listen' is \"vsock:any:5\"; give a port's number, or that of a machine, ':' and a port: "
       "vsock:1024, vsock:2:1024"},
      {"vsock:4294967295",
       "'listen' is \"vsock:4294967295\"; give a port's number, or that of a machine, ':' and a "
       "port: vsock:1024, vsock:2:1024"},
      {"/run/x.sock", "'listen' is \"/run/x.sock\"; write a UNIX socket as unix:/run/x.sock"},
      {"'unix:'",
       "'listen' is \"unix:\"; give a path, or '@' and a name: unix:/run/x.sock, unix:@x"},
      {long_path, "'listen' is \"unix:/" + std::string(54, 'x') +
                      "…\"; the path of a UNIX socket has at most 107 bytes, and this one has "
                      "201; give a shorter one"},
      {"''", "'listen' is empty; give an address such as 79, 127.0.0.1:79 or unix:/run/x.sock"},
      {"[]",
       "'listen' is an empty list; give an address, a mapping with `address` and options, or a "
       "list of them"},
  }));
  CAPTURE(row.written);
  CHECK(Room().faults(service_on(row.written)) ==
        Messages{"t.yaml:3:13: service 'x': " + row.message});
}

TEST_CASE("faulty options are said at the option") {
  struct Row {
    const char* written;
    const char* message;
  };
  const Row row = GENERATE(values<Row>({
      {"{backlog: 5}", "3:13: service 'x': 'listen' has no `address`; add it"},
      {"{address: 79, backlogg: 5}",
       "3:27: service 'x': unknown key 'backlogg'; did you mean 'backlog'?"},
      {"{address: 79, run: x}", "3:27: service 'x': unknown key 'run'; it belongs in a service"},
      {"{address: 79, backlog: 0}",
       "3:36: service 'x': 'backlog' is \"0\"; give a whole number from 1 to 2147483647"},
      {"{address: 79, device: eth9}",
       "3:35: service 'x': 'device' is \"eth9\"; this machine has no such interface; ip link "
       "shows them; or add retry: yes"},
      {"{address: 79, multicast: 239.1.2.3}",
       "3:27: service 'x': 'multicast' is for UDP and this is *:79; remove it"},
      {"{address: 'udp4:69', multicast: 'ff02::1:3%lo'}",
       "3:13: service 'x': 'multicast': ff02::1:3 is IPv6 and udp4:69 is not; give an address of "
       "its family, such as udp:PORT"},
      {"{address: 'udp6:69', multicast: [239.1.2.3]}",
       "3:13: service 'x': 'multicast': 239.1.2.3 is IPv4 and udp6:69 is not; give an address of "
       "its family, such as udp:PORT"},
      {"{address: 'unix:/x', make_directory: 0888}",
       "3:50: service 'x': 'make_directory' is \"0888\"; give an octal number from 0 to 01777"},
      {"{address: 'unix:/x', make_directory: maybe}",
       "3:50: service 'x': 'make_directory' is \"maybe\"; give yes or no"},
      {"{address: 'unix:@x', make_directory: yes}",
       "3:34: service 'x': 'make_directory' is for paths of UNIX sockets and this is unix:@x; "
       "remove it"},
      {"{address: 79, nodelay: 1}", "3:36: service 'x': 'nodelay' is \"1\"; give yes or no"},
      {"{address: 79, tos: 256}",
       "3:32: service 'x': 'tos' is \"256\"; give a whole number from 0 to 255"},
      {"{address: 79, send_buffer: 2G}",
       "3:40: service 'x': 'send_buffer' is \"2G\"; give at most 1023M"},
      {"{address: 79, mode: 0660}",
       "3:27: service 'x': 'mode' is for paths of UNIX sockets and this is *:79; remove it"},
      {"{address: 'unix:@x', mode: 0660}",
       "3:34: service 'x': 'mode' is for paths of UNIX sockets and this is unix:@x; remove it"},
      {"{address: 'unix:/x', nodelay: yes}",
       "3:34: service 'x': 'nodelay' is for TCP and MPTCP and this is unix:/x; remove it"},
      {"{address: 'sctp:79', keepalive: yes}",
       "3:34: service 'x': 'keepalive' is for TCP and MPTCP and this is sctp:79; remove it"},
      {"{address: 'sctp:79', transparent: yes}",
       "3:34: service 'x': 'transparent' is for TCP, MPTCP and UDP and this is sctp:79; remove it"},
      {"{address: 'vsock:79', receive_buffer: 1K}",
       "3:35: service 'x': 'receive_buffer' is for internet addresses and UNIX sockets and this is "
       "vsock:79; remove it"},
      {"{address: 'unix:/x', owner: carol}",
       "3:41: service 'x': 'owner' is \"carol\"; no such user; give one that exists"},
      {"{address: 'unix:/x', group: carol}",
       "3:41: service 'x': 'group' is \"carol\"; no such group; give one that exists"},
      {"{address: 'unix:/x', mode: rw}",
       "3:40: service 'x': 'mode' is \"rw\"; give an octal number from 0 to 0777"},
      {"{address: '127.0.0.1:79', v6only: no}",
       "3:13: service 'x': 'v6only' is for IPv6, and 127.0.0.1:79 is IPv4; remove it"},
      {"[79, [80]]",
       "3:18: service 'x': 'listen' is a list; give an address, a mapping with `address` and "
       "options, or a list of them"},
  }));
  CAPTURE(row.written);
  CHECK(Room().faults(service_on(row.written)) == Messages{"t.yaml:" + std::string(row.message)});
}

TEST_CASE("addresses that YAML takes for something else are said so") {
  CHECK(Room().faults(service_on("[::1]:79")) ==
        Messages{"t.yaml:3:18: an address in brackets needs quotes: \"[::1]:79\""});
  CHECK(Room().faults(service_on("*:79")) ==
        Messages{"t.yaml:3:13: put '*:79' in quotes: a bare * begins an alias"});
  CHECK(Room().faults(service_on("[[::1]:79]")).at(0) ==
        "t.yaml:3:14: a list can't be a key; an address in brackets needs quotes: \"[::1]:79\"");
}

TEST_CASE("transports share a port, and MPTCP has those of TCP") {
  const auto faults = [](const std::string& one, const std::string& other) {
    return Room().faults(service_on("['" + one + "', '" + other + "']")).size();
  };
  CHECK(faults("79", "sctp:79") == 0);
  CHECK(faults("sctp4:79", "tcp4:79") == 0);
  CHECK(faults("vsock:79", "79") == 0);
  CHECK(faults("vsock:1:79", "vsock:2:79") == 0);
  CHECK(faults("unix:@x", "unix-seqpacket:@x") == 0);
  CHECK(faults("79", "mptcp:79") == 1);
  CHECK(faults("sctp:79", "sctp:127.0.0.1:79") == 1);
  CHECK(faults("vsock:79", "vsock:2:79") == 1);
  CHECK(faults("unix:/x", "unix-seqpacket:/x") == 1);
}
