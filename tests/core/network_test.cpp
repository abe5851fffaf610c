// SPDX-License-Identifier: MIT
// Networks as they are written, and what is in them.
#include "superd/core/network.hpp"

#include "tests/catch.hpp"

using namespace superd;

namespace {

std::string read(const std::string& text) {
  const auto written = parse_network(text);
  if (!written) return written.error().text;
  return to_text(written->network) + (written->has_host_bits ? " host bits" : "");
}

bool holds(const char* network, const char* address) {
  return contains(parse_network(network)->network, *parse_ip(address));
}

}  // namespace

TEST_CASE("networks are read as they are written") {
  struct Row {
    const char *text, *means;
  };
  const Row row = GENERATE(values<Row>({
      {"192.0.2.1", "192.0.2.1"},
      {"192.0.2.1/32", "192.0.2.1"},
      {"192.0.2.0/24", "192.0.2.0/24"},
      {"192.0.2.7/24", "192.0.2.0/24 host bits"},
      {"255.255.255.255/1", "128.0.0.0/1 host bits"},
      {"0.0.0.0/0", "0.0.0.0/0"},
      {"1.2.3.4/0", "0.0.0.0/0 host bits"},
      {"::/0", "::/0"},
      {"::1/128", "::1"},
      {"2001:DB8::/32", "2001:db8::/32"},
      {"2001:db8::1/127", "2001:db8::/127 host bits"},
      {"::ffff:10.0.0.0/104", "10.0.0.0/8"},
      {"::ffff:0:0/96", "0.0.0.0/0"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"::ffff:10.0.0.0/95", "it is partly IPv4; give at least /96, or the IPv4 network"},
      {"fe80::1%2", "fe80::1%2"},
      {"fe80::1%2/64", "fe80::%2/64 host bits"},
      {"10.0.0.0/33", "give a prefix length from 0 to 32 after the '/'"},
      {"::/129", "give a prefix length from 0 to 128 after the '/'"},
      {"10.0.0.0/", "give a prefix length from 0 to 32 after the '/'"},
      {"10.0.0.0/-1", "give a prefix length from 0 to 32 after the '/'"},
      {"10.0.0.0/8/8", "give a prefix length from 0 to 32 after the '/'"},
      {"10.0.0/8", "give an address or a network, such as 192.0.2.0/24 or 2001:db8::/32"},
      {"", "give an address or a network, such as 192.0.2.0/24 or 2001:db8::/32"},
  }));
  CAPTURE(row.text);
  CHECK(read(row.text) == row.means);
}

TEST_CASE("a network holds the addresses that begin as it does") {
  CHECK(holds("192.0.2.0/24", "192.0.2.255"));
  CHECK(!holds("192.0.2.0/24", "192.0.3.0"));
  CHECK(holds("192.0.2.0/24", "::ffff:192.0.2.9"));
  CHECK(holds("0.0.0.0/0", "203.0.113.1"));
  CHECK(!holds("::/0", "203.0.113.1"));
  CHECK(!holds("0.0.0.0/0", "::1"));
  CHECK(holds("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK(!holds("2001:db8::/33", "2001:db8:8000::1"));
  CHECK(holds("fe80::/10", "fe80::1%3"));
  CHECK(holds("fe80::%3/10", "fe80::1%3"));
  CHECK(!holds("fe80::%3/10", "fe80::1%4"));
}

TEST_CASE("an address has a network of every length") {
  CHECK(to_text(network_of(*parse_ip("192.0.2.77"), 24)) == "192.0.2.0/24");
  CHECK(to_text(network_of(*parse_ip("192.0.2.77"), 64)) == "192.0.2.77");
  CHECK(to_text(network_of(*parse_ip("2001:db8:1:2:3::4"), 64)) == "2001:db8:1:2::/64");
  CHECK(to_text(network_of(*parse_ip("::ffff:192.0.2.77"), 16)) == "192.0.0.0/16");
}
