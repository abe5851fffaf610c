// SPDX-License-Identifier: MIT
// Peers as people read them.
#include "superd/core/peer.hpp"

#include "tests/catch.hpp"

using namespace superd;

TEST_CASE("a peer is printed as its end of the connection, or as its credentials") {
  const Endpoint local{*parse_ip("192.0.2.9"), 79};
  CHECK(to_text(Peer(TcpPeer{{*parse_ip("192.0.2.1"), 50212}, local})) == "192.0.2.1:50212");
  CHECK(to_text(Peer(TcpPeer{{*parse_ip("::1"), 50212}, local})) == "[::1]:50212");
  CHECK(to_text(Peer(TcpPeer{{*parse_ip("fe80::1%2"), 1}, local})) == "[fe80::1%2]:1");
  CHECK(to_text(Peer(UnixPeer{1000, 100, 4711, {"/run/x", false}})) == "uid:1000,pid:4711");
  CHECK(to_text(*parse_visitor("uid:1000")) == "uid:1000");
}
