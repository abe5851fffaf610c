// SPDX-License-Identifier: MIT
// Where connections go on to, as written; and what is wrong with it.
#include "superd/config/forward.hpp"

#include "tests/config/room.hpp"

using namespace superd;

namespace {

std::string with(const std::string& forward) {
  return service_with({"listen: 127.0.0.1:7001", "forward: " + forward});
}

ForwardRules rules(const std::string& forward) {
  return *std::get<Forward>(Room().service(with(forward)).activation).rules;
}

Messages words(const std::vector<Upstream>& upstreams) {
  Messages all;
  for (const Upstream& one : upstreams) all.push_back(to_text(one));
  return all;
}

// Without its place.
std::string fault(const std::string& forward) {
  const Messages all = Room().faults(with(forward));
  REQUIRE(all.size() == 1);
  const std::string begin = "service 'x': ";
  const auto at = all[0].find(begin);
  return at == all[0].npos ? all[0] : all[0].substr(at + begin.size());
}

}  // namespace

TEST_CASE("an address, a name, a UNIX socket, and a list of them") {
  struct Row {
    std::string written;
    Messages means;
  };
  const Row row = GENERATE(values<Row>({
      {"127.0.0.1:80", {"127.0.0.1:80"}},
      {"tcp:127.0.0.1:80", {"127.0.0.1:80"}},
      {"\"[2001:db8::1]:80\"", {"[2001:db8::1]:80"}},
      {"\"[fe80::1%2]:80\"", {"[fe80::1%2]:80"}},
      {"\"[::ffff:192.0.2.1]:80\"", {"192.0.2.1:80"}},
      {"WWW.Example.org:finger", {"www.example.org:79"}},
      {"localhost:65535", {"localhost:65535"}},
      {"unix:/run/x.sock", {"unix:/run/x.sock"}},
      {"unix:@x", {"unix:@x"}},
      {"[127.0.0.1:80, unix:/x, a.example:1]", {"127.0.0.1:80", "unix:/x", "a.example:1"}},
      {"{to: 127.0.0.1:80}", {"127.0.0.1:80"}},
      {"{to: [127.0.0.1:80, 127.0.0.1:81]}", {"127.0.0.1:80", "127.0.0.1:81"}},
  }));
  CAPTURE(row.written);
  const ForwardRules read = rules(row.written);
  CHECK(words(read.to) == row.means);
  CHECK(read.connect_timeout == Milliseconds(5000));
  CHECK(!read.idle_timeout);
  CHECK(read.proxy_protocol == ProxyProtocol::none);
}

TEST_CASE("a name isn't looked up when the table is read") {
  CHECK(words(rules("no.such.host.example:80").to) == Messages{"no.such.host.example:80"});
}

TEST_CASE("how it is done") {
  const ForwardRules read =
      rules("{to: 127.0.0.1:80, connect_timeout: 100ms, idle_timeout: 1h, proxy_protocol: v2}");
  CHECK(read.connect_timeout == Milliseconds(100));
  CHECK(read.idle_timeout == Milliseconds(3'600'000));
  CHECK(read.proxy_protocol == ProxyProtocol::v2);
  CHECK(!rules("{to: 127.0.0.1:80, idle_timeout: unlimited}").idle_timeout);
}

TEST_CASE("a relative path begins at the file") {
  const Room room;
  const Service service = room.service(with("unix:x.sock"));
  CHECK(words(std::get<Forward>(service.activation).rules->to) ==
        Messages{"unix:" + room.path("x.sock")});
}

TEST_CASE("what can't be forwarded to") {
  const std::string form =
      "give HOST:PORT or a UNIX socket: 127.0.0.1:80, \"[::1]:80\", www.example.org:80, "
      "unix:/run/x.sock";
  struct Row {
    std::string written, said;
  };
  const Row row = GENERATE_COPY(values<Row>({
      {"80", "'forward' is \"80\"; " + form},
      {"\":80\"", "'forward' is \":80\"; " + form},
      {"\"host:\"", "'forward' is \"host:\"; " + form},
      {"\"[::1]\"", "'forward' is \"[::1]\"; " + form},
      {"", "'forward' has no value; " + form},
      {"\"::1:80\"",
       "'forward' is \"::1:80\"; put an IPv6 address in brackets and quotes: \"[::1]:80\""},
      {"127.0.0.1:0",
       "'forward' is \"127.0.0.1:0\"; port '0' is none to connect to; give one from "
       "1 to 65535"},
      {"127.0.0.1:x",
       "'forward' is \"127.0.0.1:x\"; no TCP service is called 'x' here; give the "
       "port's number"},
      {"a_b:80", "'forward' is \"a_b:80\"; 'a_b' is neither an address nor a host's name; " + form},
      {"\"unix:\"",
       "'forward' is \"unix:\"; give a path, or '@' and a name: unix:/run/x.sock, unix:@x"},
      {"udp:127.0.0.1:53",
       "'forward' is \"udp:127.0.0.1:53\"; this version forwards streams only, TCP and unix:"},
      {"{connect_timeout: 1s}", "'forward' has no `to`; add one, such as to: 127.0.0.1:8080"},
      {"{to: 127.0.0.1:80, connect_timeout: 11min}",
       "'connect_timeout' is \"11min\"; nobody waits that long; give at most 10min"},
      {"{to: 127.0.0.1:80, idle_timeout: 0s}", "'idle_timeout' is \"0s\"; give at least 1ms"},
      {"{to: 127.0.0.1:80, proxy_protocol: v3}", "'proxy_protocol' is \"v3\"; give none, v1 or v2"},
      {"{to: 127.0.0.1:80, idle_timout: 1s}",
       "unknown key 'idle_timout'; did you mean 'idle_timeout'?"},
  }));
  CAPTURE(row.written);
  CHECK(fault(row.written) == row.said);
}

TEST_CASE("a list has an end") {
  std::string list = "[127.0.0.1:1";
  for (int i = 0; i < 16; ++i) list += ", 127.0.0.1:1";
  CHECK(fault(list + "]") == "'forward' has 17 addresses; at most 16 are tried");
}
