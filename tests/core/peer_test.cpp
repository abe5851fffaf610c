// SPDX-License-Identifier: MIT
// Peers as people read them.
#include "superd/core/peer.hpp"

#include "tests/catch.hpp"

using namespace superd;

TEST_CASE("a peer is printed as its end of the connection, or as its credentials") {
  const Endpoint local{*parse_ip("192.0.2.9"), 79};
  CHECK(to_text(Peer(InetPeer{Transport::tcp, {*parse_ip("192.0.2.1"), 50212}, local})) ==
        "192.0.2.1:50212");
  CHECK(to_text(Peer(InetPeer{Transport::tcp, {*parse_ip("::1"), 50212}, local})) == "[::1]:50212");
  CHECK(to_text(Peer(InetPeer{Transport::tcp, {*parse_ip("fe80::1%2"), 1}, local})) ==
        "[fe80::1%2]:1");
  CHECK(to_text(Peer(UnixPeer{1000, 100, 4711, {"/run/x", false}})) == "uid:1000,pid:4711");
  CHECK(to_text(*parse_visitor("uid:1000")) == "uid:1000");
  CHECK(to_text(Peer(VsockPeer{3, 1024, {}})) == "vsock:3:1024");
}

TEST_CASE("a peer's host has neither port nor pid") {
  CHECK(host_text(InetPeer{Transport::udp, {*parse_ip("192.0.2.1"), 50212}, {}}) == "192.0.2.1");
  CHECK(host_text(UnixPeer{1000, 100, 4711, {}}) == "uid:1000");
  CHECK(host_text(VsockPeer{3, 1024, {}}) == "vsock:3");
}

TEST_CASE("visitors are written as they are printed") {
  for (const char* text : {"192.0.2.1", "2001:db8::1", "uid:1000", "vsock:3"}) {
    const auto peer = parse_visitor(text);
    REQUIRE(peer.has_value());
    CHECK(host_text(*peer) == text);
  }
  for (const char* text : {"", "uid:", "uid:x", "uid:1x", "vsock:", "vsock:-1", "vsock:4294967296",
                           "vsock:3:1024", "host.example"})
    CHECK(!parse_visitor(text).has_value());
}
