// SPDX-License-Identifier: MIT
// A peer as people read it.
#include "superd/core/peer.hpp"

#include <charconv>

#include "superd/base/overloaded.hpp"
#include "superd/base/text.hpp"

namespace superd {
namespace {

// The number after a prefix, and nothing else.
template <class Number>
bool is_read(std::string_view text, std::string_view prefix, Number& number) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end;
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
                               }},
                    peer);
}

std::string host_text(const Peer& peer) {
  return std::visit(
      Overloaded{[](const InetPeer& inet) { return to_text(inet.remote.address); },
                 [](const UnixPeer& local) { return "uid:" + std::to_string(local.uid); },
                 [](const VsockPeer& vsock) { return "vsock:" + std::to_string(vsock.cid); }},
      peer);
}

IpAddress remote_address(const Peer& peer) {
  const auto* inet = std::get_if<InetPeer>(&peer);
  return inet ? inet->remote.address : IpAddress{};
}

Result<Peer> parse_visitor(const std::string& text) {
  if (const auto address = parse_ip(text))
    return Peer(InetPeer{Transport::tcp, {unmapped(*address), 0}, {}});
  if (UnixPeer local; is_read(text, "uid:", local.uid)) return Peer(local);
  if (VsockPeer vsock; is_read(text, "vsock:", vsock.cid)) return Peer(vsock);
  return Error{
      quote(text) + " is no address; give one such as 192.0.2.1, 2001:db8::1, uid:1000 or vsock:3",
      0};
}

}  // namespace superd
