// SPDX-License-Identifier: MIT
// check_addresses of validate.hpp: which sockets would be in each other's way. Linux refuses a
// second listening socket on a port for the same address, and for any address beside every address
// (bind(2): EADDRINUSE).
#include <map>

#include "superd/base/overloaded.hpp"
#include "superd/base/text.hpp"
#include "superd/config/validate.hpp"

namespace superd {
namespace {

struct Owner {
  const Service* service;
  const Listen* listen;
};

// A port of one transport and family; every address (no host) sorts before each single one.
struct Claim {
  Transport transport;
  std::uint16_t port;
  bool v6;
  std::optional<IpAddress> host;

  auto operator<=>(const Claim&) const = default;
};

// MPTCP has the ports of TCP.
std::vector<Claim> claims_of(const InetAddress& inet) {
  std::vector<Claim> claims;
  if (inet.port == 0) return claims;
  const auto whose = inet.transport == Transport::mptcp ? Transport::tcp : inet.transport;
  if (inet.family != IpFamily::v6) claims.push_back({whose, inet.port, false, inet.host});
  if (inet.family != IpFamily::v4) claims.push_back({whose, inet.port, true, inet.host});
  return claims;
}

// A path is one file, whatever kind of socket; abstract names are of a kind, unix(7).
UnixAddress claim_of(UnixAddress local) {
  if (!local.abstract) local.kind = UnixKind::stream;
  return local;
}

bool may_share(const SocketOptions& a, const SocketOptions& b) {
  const bool apart = !a.device.empty() && !b.device.empty() && a.device != b.device;
  return apart || (a.reuse_port && b.reuse_port);
}

class Addresses {
 public:
  explicit Addresses(Report& report) : report_(report) {}

  void add(const Owner& owner) {
    std::visit(Overloaded{
                   [&](const InetAddress& inet) { add_inet(owner, inet); },
                   [&](const UnixAddress& local) {
                     const auto [first, is_new] = local_.emplace(claim_of(local), owner);
                     if (!is_new) say_conflict(first->second, owner);
                   },
                   [&](const VsockAddress& vsock) { add_vsock(owner, vsock); },
               },
               owner.listen->address);
  }

 private:
  // A dual-stack socket has two claims; one complaint about it is enough.
  void add_inet(const Owner& owner, const InetAddress& inet) {
    bool said = false;
    for (const Claim& claim : claims_of(inet)) {
      const Owner* other = holder(claim);
      if (other != nullptr && !said && !may_share(other->listen->options, owner.listen->options)) {
        say_conflict(*other, owner);
        said = true;
      }
      claims_.emplace(claim, owner);
    }
  }

  // No machine named sorts before each single one, and is in the way of all.
  void add_vsock(const Owner& owner, const VsockAddress& vsock) {
    if (vsock.port == 0) return;
    for (const auto& [address, other] : vsock_) {
      if (address.port != vsock.port) continue;
      if (address.cid && vsock.cid && address.cid != vsock.cid) continue;
      return say_conflict(other, owner);
    }
    vsock_.emplace(vsock, owner);
  }

  const Owner* holder(const Claim& claim) const {
    const auto every = claims_.find({claim.transport, claim.port, claim.v6, std::nullopt});
    if (every != claims_.end()) return &every->second;
    const auto found = claims_.lower_bound(claim);
    if (found == claims_.end()) return nullptr;
    const bool same_port = found->first.transport == claim.transport &&
                           found->first.port == claim.port && found->first.v6 == claim.v6;
    return same_port && (!claim.host || found->first.host == claim.host) ? &found->second : nullptr;
  }

  void say_conflict(const Owner& first, const Owner& second) {
    const bool is_same = first.listen->address == second.listen->address;
    const std::string who = first.service == second.service
                                ? "this service itself"
                                : "service " + quote(first.service->name);
    report_.error(second.listen->place,
                  "service " + quote(second.service->name) + ": " +
                      to_text(second.listen->address) + " is bound by " + who + " already, " +
                      (is_same ? "at " : "as " + to_text(first.listen->address) + " at ") +
                      to_text(first.listen->place) + "; give another address or port");
  }

  Report& report_;
  std::map<UnixAddress, Owner> local_;
  std::map<VsockAddress, Owner> vsock_;
  std::map<Claim, Owner> claims_;
};

}  // namespace

void check_addresses(const std::vector<ServicePtr>& services, Report& report) {
  Addresses addresses(report);
  for (const ServicePtr& service : services) {
    if (!service->enabled) continue;
    for (const Listen& listen : service->listen) addresses.add({service.get(), &listen});
  }
}

}  // namespace superd
