// SPDX-License-Identifier: MIT
// Packets byte by byte, and the checksum as a receiver proves it.
#include "superd/resend/packet.hpp"

#include "tests/catch.hpp"

using namespace superd;

namespace {

Endpoint at(const std::string& address, std::uint16_t port) { return {*parse_ip(address), port}; }

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += digits[static_cast<unsigned char>(byte) >> 4];
    text += digits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

// RFC 8200, 8.1: with the checksum in it the sum over pseudo header and datagram is all ones.
unsigned proof_v6(const std::string& packet) {
  std::string summed = packet.substr(8, 32) + packet.substr(40);
  if (summed.size() % 2 != 0) summed += '\0';
  unsigned sum = static_cast<unsigned>(packet.size() - 40) + 17;
  for (std::size_t i = 0; i < summed.size(); i += 2)
    sum += static_cast<unsigned>(static_cast<unsigned char>(summed[i]) << 8 |
                                 static_cast<unsigned char>(summed[i + 1]));
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return sum;
}

}  // namespace

TEST_CASE("a packet of IPv4") {
  const std::string packet = udp_packet(at("192.0.2.1", 5353), at("198.51.100.7", 69), "abc");
  CHECK(hex(packet) ==
        "4500001f"
        "00000000"
        "40110000"
        "c0000201"
        "c6336407"
        "14e90045"
        "000b0000"
        "616263");
}

TEST_CASE("a packet of IPv6, and its checksum") {
  const Endpoint source = at("2001:db8::1", 1), destination = at("2001:db8::2", 65535);
  const std::string packet = udp_packet(source, destination, "abc");
  CHECK(hex(packet.substr(0, 8)) == "60000000000b1140");
  CHECK(hex(packet.substr(8, 32)) ==
        "20010db800000000000000000000000120010db8000000000000000000000002");
  CHECK(hex(packet.substr(40, 6)) == "0001ffff000b");
  CHECK(packet.substr(48) == "abc");
  for (const std::string& content :
       {std::string(), std::string("a"), std::string(1000, '\xff'), std::string(65527, 'x')})
    CHECK(proof_v6(udp_packet(source, destination, content)) == 0xFFFF);
}

TEST_CASE("a checksum of 0 is written as its other form, for 0 says that there is none") {
  const Endpoint none{{true, {}, 0}, 0};
  // 8 (length, pseudo header) + 17 + 8 (length) + content of 2 bytes, whose length counts twice.
  const unsigned others = 10 + 17 + 10;
  const unsigned missing = 0xFFFF - others;
  const std::string content{static_cast<char>(missing >> 8), static_cast<char>(missing & 0xFF)};
  CHECK(hex(udp_packet(none, none, content).substr(46, 2)) == "ffff");
}
