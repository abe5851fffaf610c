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

// A port of one family; every address (no host) sorts before each single one.
struct Claim {
  std::uint16_t port;
  bool v6;
  std::optional<IpAddress> host;

  auto operator<=>(const Claim&) const = default;
};

std::vector<Claim> claims_of(const TcpAddress& tcp) {
  std::vector<Claim> claims;
  if (tcp.port == 0) return claims;
  if (tcp.family != IpFamily::v6) claims.push_back({tcp.port, false, tcp.host});
  if (tcp.family != IpFamily::v4) claims.push_back({tcp.port, true, tcp.host});
  return claims;
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
                   [&](const TcpAddress& tcp) { add_tcp(owner, tcp); },
                   [&](const UnixAddress& local) {
                     const auto [first, is_new] = local_.emplace(local, owner);
                     if (!is_new) say_conflict(first->second, owner);
                   },
               },
               owner.listen->address);
  }

 private:
  // A dual-stack socket has two claims; one complaint about it is enough.
  void add_tcp(const Owner& owner, const TcpAddress& tcp) {
    bool said = false;
    for (const Claim& claim : claims_of(tcp)) {
      const Owner* other = holder(claim);
      if (other != nullptr && !said && !may_share(other->listen->options, owner.listen->options)) {
        say_conflict(*other, owner);
        said = true;
      }
      claims_.emplace(claim, owner);
    }
  }

  const Owner* holder(const Claim& claim) const {
    const auto every = claims_.find({claim.port, claim.v6, std::nullopt});
    if (every != claims_.end()) return &every->second;
    const auto found = claims_.lower_bound(claim);
    if (found == claims_.end()) return nullptr;
    const bool same_port = found->first.port == claim.port && found->first.v6 == claim.v6;
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
