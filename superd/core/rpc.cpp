// SPDX-License-Identifier: MIT
// netconfig(5)'s names, RFC 1833's addresses: a host, and the two bytes of its port in decimal.
#include "superd/core/rpc.hpp"

#include "superd/base/number.hpp"

namespace superd {
namespace {

constexpr std::int64_t highest_byte = 255;

// Whoever speaks MPTCP speaks TCP with all others.
std::string_view netid_of(Transport transport, bool v6) {
  if (transport == Transport::udp) return v6 ? "udp6" : "udp";
  return v6 ? "tcp6" : "tcp";
}

bool has_family(const InetAddress& inet, bool v6) {
  if (inet.host) return inet.host->v6 == v6;
  return inet.family != (v6 ? IpFamily::v4 : IpFamily::v6);
}

// The word after the last dot, taken off `text`.
std::optional<unsigned> last_byte(std::string_view& text) {
  const std::size_t dot = text.rfind('.');
  if (dot == text.npos) return std::nullopt;
  const auto number = parse_number(text.substr(dot + 1), 0, highest_byte);
  text.remove_suffix(text.size() - dot);
  if (!number) return std::nullopt;
  return static_cast<unsigned>(*number);
}

}  // namespace

std::vector<std::string_view> rpc_netids(const BindAddress& address) {
  std::vector<std::string_view> netids;
  const auto* inet = std::get_if<InetAddress>(&address);
  if (!inet || inet->transport == Transport::sctp) return netids;
  for (const bool v6 : {false, true})
    if (has_family(*inet, v6)) netids.push_back(netid_of(inet->transport, v6));
  return netids;
}

std::vector<RpcRegistration> registrations_of(const RpcProgram& program, const BindAddress& bound) {
  std::vector<RpcRegistration> all;
  for (const std::string_view netid : rpc_netids(bound)) {
    const auto& inet = std::get<InetAddress>(bound);
    IpAddress every;
    every.v6 = netid.ends_with('6');
    const auto address = universal_address({inet.host.value_or(every), inet.port});
    for (const std::uint32_t version : program.versions)
      all.push_back({{program.number, version, std::string(netid)}, address});
  }
  return all;
}

std::string universal_address(const Endpoint& endpoint) {
  IpAddress host = endpoint.address;
  host.scope = 0;
  return to_text(host) + "." + std::to_string(endpoint.port >> 8) + "." +
         std::to_string(endpoint.port & 0xFF);
}

std::optional<Endpoint> parse_universal_address(std::string_view text) {
  const auto low = last_byte(text);
  const auto high = low ? last_byte(text) : std::nullopt;
  const auto host = high ? parse_ip(text) : std::nullopt;
  if (!host) return std::nullopt;
  return Endpoint{*host, static_cast<std::uint16_t>(*high << 8 | *low)};
}

std::string to_text(const RpcKey& key) {
  return std::to_string(key.program) + " version " + std::to_string(key.version) + ", " + key.netid;
}

}  // namespace superd
