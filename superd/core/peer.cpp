// SPDX-License-Identifier: MIT
// A peer as people read it.
#include "superd/core/peer.hpp"

#include <charconv>

#include "superd/base/overloaded.hpp"
#include "superd/base/text.hpp"

namespace superd {

std::string to_text(const Peer& peer) {
  return std::visit(Overloaded{[](const TcpPeer& tcp) { return to_text(tcp.remote); },
                               [](const UnixPeer& local) {
                                 const std::string user = "uid:" + std::to_string(local.uid);
                                 if (local.pid == 0) return user;  // the user alone is meant
                                 return user + ",pid:" + std::to_string(local.pid);
                               }},
                    peer);
}

IpAddress remote_address(const Peer& peer) {
  const auto* tcp = std::get_if<TcpPeer>(&peer);
  return tcp ? tcp->remote.address : IpAddress{};
}

Result<Peer> parse_visitor(const std::string& text) {
  if (const auto address = parse_ip(text)) return Peer(TcpPeer{{unmapped(*address), 0}, {}});
  constexpr std::string_view of_user = "uid:";
  if (text.starts_with(of_user)) {
    UnixPeer peer;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + of_user.size(), end, peer.uid);
    if (error == std::errc() && stop == end) return Peer(peer);
  }
  return Error{quote(text) + " is no address; give one such as 192.0.2.1, 2001:db8::1 or uid:1000",
               0};
}

}  // namespace superd
