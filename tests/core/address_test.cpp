// SPDX-License-Identifier: MIT
// Addresses in, addresses out.
#include "superd/core/address.hpp"

#include "tests/catch.hpp"

using namespace superd;

TEST_CASE("numeric addresses are read and printed in their usual form") {
  struct Row {
    const char* text;
    const char* usual;
    bool v6;
  };
  const Row row = GENERATE(values<Row>({
      {"192.0.2.1", "192.0.2.1", false},
      {"0.0.0.0", "0.0.0.0", false},
      {"255.255.255.255", "255.255.255.255", false},
      {"::", "::", true},
      {"::1", "::1", true},
      {"2001:DB8:0:0::1", "2001:db8::1", true},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1", true},
      {"fe80::1%2", "fe80::1%2", true},
  }));
  CAPTURE(row.text);
  const auto address = parse_ip(row.text);
  REQUIRE(address);
  CHECK(address->v6 == row.v6);
  CHECK(to_text(*address) == row.usual);
}

TEST_CASE("what is no numeric address is none") {
  const std::string text = GENERATE(values<std::string>(
      {"", "localhost", "192.0.2", "192.0.2.256", "1.2.3.4.5", "127.1", "0x7f.0.0.1", "[::1]",
       "::1 ", " ::1", ":::", "1::2::3", "fe80::1%", "fe80::1%lo", "fe80::1%0",
       "fe80::1%4294967296", "192.0.2.1%2", "192.0.2.1:79", std::string("192.0.2.1\0", 10)}));
  CAPTURE(text);
  CHECK(!parse_ip(text));
}

TEST_CASE("IPv4 addresses are made of a number in host order") {
  CHECK(to_text(ipv4(0x7F000001)) == "127.0.0.1");
  CHECK(ipv4(0xC0000201) == *parse_ip("192.0.2.1"));
}

TEST_CASE("IPv4-mapped addresses become the IPv4 address they carry") {
  CHECK(unmapped(*parse_ip("::ffff:192.0.2.1")) == *parse_ip("192.0.2.1"));
  CHECK(unmapped(*parse_ip("::192.0.2.1")) == *parse_ip("::192.0.2.1"));
  CHECK(unmapped(*parse_ip("192.0.2.1")) == *parse_ip("192.0.2.1"));
  CHECK(unmapped(*parse_ip("::1")) == *parse_ip("::1"));
}

TEST_CASE("endpoints put IPv6 in brackets") {
  CHECK(to_text(Endpoint{*parse_ip("192.0.2.1"), 79}) == "192.0.2.1:79");
  CHECK(to_text(Endpoint{*parse_ip("::1"), 79}) == "[::1]:79");
}

TEST_CASE("what a listener binds is printed as it is written") {
  const auto bound = [](IpFamily family, const char* host) {
    const auto address = *host == '\0' ? std::nullopt : parse_ip(host);
    return to_text(BindAddress(InetAddress{Transport::tcp, family, address, 79}));
  };
  CHECK(bound(IpFamily::dual, "") == "*:79");
  CHECK(bound(IpFamily::v4, "") == "tcp4:79");
  CHECK(bound(IpFamily::v6, "") == "tcp6:79");
  CHECK(bound(IpFamily::v4, "127.0.0.1") == "127.0.0.1:79");
  CHECK(bound(IpFamily::v6, "fe80::1%2") == "[fe80::1%2]:79");
  CHECK(to_text(BindAddress(UnixAddress{"/run/x.sock", false})) == "unix:/run/x.sock");
  CHECK(to_text(BindAddress(UnixAddress{"x", true})) == "unix:@x");
}

TEST_CASE("every kind of socket has a text of its own") {
  struct Row {
    BindAddress address;
    const char* text;
    bool is_datagram;
  };
  const auto local = parse_ip("127.0.0.1"), local6 = parse_ip("::1");
  const Row row = GENERATE_COPY(values<Row>({
      {InetAddress{Transport::udp, IpFamily::dual, {}, 69}, "udp:69", true},
      {InetAddress{Transport::udp, IpFamily::v4, {}, 69}, "udp4:69", true},
      {InetAddress{Transport::udp, IpFamily::v4, local, 69}, "udp:127.0.0.1:69", true},
      {InetAddress{Transport::mptcp, IpFamily::dual, {}, 79}, "mptcp:79", false},
      {InetAddress{Transport::mptcp, IpFamily::v6, local6, 79}, "mptcp:[::1]:79", false},
      {InetAddress{Transport::sctp, IpFamily::v6, {}, 9}, "sctp6:9", false},
      {UnixAddress{"/x", false, UnixKind::datagram}, "unix-dgram:/x", true},
      {UnixAddress{"x", true, UnixKind::datagram}, "unix-dgram:@x", true},
      {UnixAddress{"/x", false, UnixKind::seqpacket}, "unix-seqpacket:/x", false},
      {VsockAddress{{}, 1024}, "vsock:1024", false},
      {VsockAddress{2, 1024}, "vsock:2:1024", false},
  }));
  CHECK(to_text(row.address) == row.text);
  CHECK(is_datagram(row.address) == row.is_datagram);
}
