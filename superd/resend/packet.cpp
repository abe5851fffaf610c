// SPDX-License-Identifier: MIT
// Two headers, and the checksum of RFC 1071.
#include "superd/resend/packet.hpp"

namespace superd {
namespace {

constexpr char udp = 17;
constexpr char hops = 64;

class Bytes {
 public:
  Bytes& byte(unsigned value) {
    text_ += static_cast<char>(value);
    return *this;
  }
  Bytes& number(std::size_t value) {
    return byte(static_cast<unsigned>(value >> 8 & 0xFF)).byte(static_cast<unsigned>(value & 0xFF));
  }
  Bytes& address(const IpAddress& ip) {
    text_.append(reinterpret_cast<const char*>(ip.bytes.data()), ip.v6 ? 16 : 4);
    return *this;
  }
  Bytes& text(std::string_view more) {
    text_ += more;
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string datagram(const Endpoint& source, const Endpoint& destination, std::string_view content,
                     std::size_t checksum) {
  return Bytes()
      .number(source.port)
      .number(destination.port)
      .number(8 + content.size())
      .number(checksum)
      .text(content)
      .take();
}

std::size_t sum_of(std::string_view text) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::size_t>(static_cast<unsigned char>(text[i]));
    sum += i % 2 == 0 ? byte << 8 : byte;
  }
  return sum;
}

// 0 would say that there is none.
std::size_t checksum_of(std::size_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  const std::size_t checksum = ~sum & 0xFFFF;
  return checksum == 0 ? 0xFFFF : checksum;
}

std::string packet_v4(const Endpoint& source, const Endpoint& destination,
                      std::string_view content) {
  return Bytes()
      .byte(0x45)
      .byte(0)
      .number(20 + 8 + content.size())
      .number(0)
      .number(0)
      .byte(hops)
      .byte(udp)
      .number(0)
      .address(source.address)
      .address(destination.address)
      .text(datagram(source, destination, content, 0))
      .take();
}

std::string packet_v6(const Endpoint& source, const Endpoint& destination,
                      std::string_view content) {
  const std::string ends = Bytes().address(source.address).address(destination.address).take();
  const std::size_t length = 8 + content.size();
  const std::string unsummed = datagram(source, destination, content, 0);
  const std::size_t checksum = checksum_of(sum_of(ends) + length + udp + sum_of(unsummed));
  return Bytes()
      .number(0x6000)
      .number(0)
      .number(length)
      .byte(udp)
      .byte(hops)
      .text(ends)
      .text(datagram(source, destination, content, checksum))
      .take();
}

}  // namespace

std::string udp_packet(const Endpoint& source, const Endpoint& destination,
                       std::string_view content) {
  return destination.address.v6 ? packet_v6(source, destination, content)
                                : packet_v4(source, destination, content);
}

}  // namespace superd
