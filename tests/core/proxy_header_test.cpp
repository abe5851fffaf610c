// SPDX-License-Identifier: MIT
// The bytes of PROXY headers, by the specification's own examples and beyond.
#include "superd/core/proxy_header.hpp"

#include "tests/catch.hpp"

using namespace superd;

namespace {

InetPeer peer(const std::string& remote, const std::string& local) {
  return {Transport::tcp, {*parse_ip(remote), 56324}, {*parse_ip(local), 443}};
}

const std::string signature("\r\n\r\n\0\r\nQUIT\n", 12);

}  // namespace

TEST_CASE("none is none") {
  CHECK(proxy_header(ProxyProtocol::none, peer("192.0.2.1", "192.0.2.2")).empty());
}

TEST_CASE("version 1 is a line") {
  CHECK(proxy_header(ProxyProtocol::v1, peer("192.168.0.1", "192.168.0.11")) ==
        "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n");
  CHECK(proxy_header(ProxyProtocol::v1, peer("2001:db8::1", "fe80::1%7")) ==
        "PROXY TCP6 2001:db8::1 fe80::1 56324 443\r\n");
  CHECK(proxy_header(ProxyProtocol::v1, peer("192.0.2.1", "::1")) ==
        "PROXY TCP6 ::ffff:192.0.2.1 ::1 56324 443\r\n");
  CHECK(proxy_header(ProxyProtocol::v1, peer("::ffff:192.0.2.1", "192.0.2.2")) ==
        "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n");
  CHECK(proxy_header(ProxyProtocol::v1, UnixPeer{}) == "PROXY UNKNOWN\r\n");
}

TEST_CASE("version 2 is binary") {
  CHECK(proxy_header(ProxyProtocol::v2, peer("192.0.2.1", "198.51.100.2")) ==
        signature +
            std::string("\x21\x11\x00\x0C\xC0\x00\x02\x01\xC6\x33\x64\x02\xDC\x04\x01\xBB", 16));
  const std::string v6 = proxy_header(ProxyProtocol::v2, peer("2001:db8::1", "::1"));
  CHECK(v6.size() == 12 + 4 + 36);
  CHECK(v6.substr(12, 8) == std::string("\x21\x21\x00\x24\x20\x01\x0D\xB8", 8));
  CHECK(v6.substr(48) == "\xDC\x04\x01\xBB");
  CHECK(proxy_header(ProxyProtocol::v2, UnixPeer{}) ==
        signature + std::string("\x21\x00\x00\x00", 4));
}
