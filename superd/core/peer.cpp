// SPDX-License-Identifier: MIT
// A peer as people read it.
#include "superd/core/peer.hpp"

#include "superd/base/number.hpp"
#include "superd/base/overloaded.hpp"
#include "superd/base/text.hpp"

namespace superd {
namespace {

// The number after a prefix, and nothing else.
std::optional<std::uint32_t> number_after(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix)) return std::nullopt;
  const auto number = parse_number(text.substr(prefix.size()), 0, 0xFFFFFFFF);
  return number ? std::optional(static_cast<std::uint32_t>(*number)) : std::nullopt;
}

}  // namespace

std::string to_text(const Peer& peer) {
  return std::visit(Overloaded{[](const InetPeer& inet) { return to_text(inet.remote); },
                               [&](const UnixPeer& local) {
                                 if (local.pid == 0) return host_text(peer);  // the user is meant
                                 return host_text(peer) + ",pid:" + std::to_string(local.pid);
                               },
                               [&](const VsockPeer& vsock) {
                                 if (vsock.port == 0) return host_text(peer);
                                 return host_text(peer) + ":" + std::to_string(vsock.port);
                               },
                               [&](const UnseenPeer&) { return host_text(peer); }},
                    peer);
}

std::string host_text(const Peer& peer) {
  return std::visit(
      Overloaded{[](const InetPeer& inet) { return to_text(inet.remote.address); },
                 [](const UnixPeer& local) { return "uid:" + std::to_string(local.uid); },
                 [](const VsockPeer& vsock) { return "vsock:" + std::to_string(vsock.cid); },
                 [](const UnseenPeer& unseen) { return "somebody at " + unseen.local; }},
      peer);
}

IpAddress remote_address(const Peer& peer) {
  const auto* inet = std::get_if<InetPeer>(&peer);
  return inet ? inet->remote.address : IpAddress{};
}

Result<Peer> parse_visitor(const std::string& text) {
  if (const auto address = parse_ip(text))
    return Peer(InetPeer{Transport::tcp, {unmapped(*address), 0}, {}});
  if (const auto uid = number_after("uid:", text)) return Peer(UnixPeer{*uid, 0, 0, {}});
  if (const auto cid = number_after("vsock:", text)) return Peer(VsockPeer{*cid, 0, {}});
  return Error{
      quote(text) + " is no address; give one such as 192.0.2.1, 2001:db8::1, uid:1000 or vsock:3",
      0};
}

}  // namespace superd
