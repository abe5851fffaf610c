// SPDX-License-Identifier: MIT
// check_rpc of validate.hpp: rpcbind has one address for a version of a program on a transport.
#include <map>

#include "superd/base/text.hpp"
#include "superd/config/validate.hpp"

namespace superd {
namespace {

struct Claimant {
  const Service* service;
  const Listen* listen;
};

BindAddress as_bound(const Listen& listen) {
  BindAddress address = listen.address;
  auto* inet = std::get_if<InetAddress>(&address);
  if (inet && inet->family == IpFamily::dual && listen.options->v6only.value_or(false))
    inet->family = IpFamily::v6;
  return address;
}

void say(const Claimant& whose, const std::string& what, Report& report) {
  report.error(whose.listen->place, "service " + quote(whose.service->name) + ": " +
                                        to_text(whose.listen->address) + ": " + what);
}

void say_taken(const Claimant& whose, const Claimant& first, const RpcKey& key, Report& report) {
  const bool is_itself = whose.service == first.service;
  const std::string who = is_itself ? "this service" : "service " + quote(first.service->name);
  const std::string remedy =
      is_itself ? "leave one of them" : "give another program or other versions";
  say(whose,
      "rpcbind has one address for program " + to_text(key) + ", and " + who + " gives it " +
          to_text(first.listen->address) + " at " + to_text(first.listen->place) + "; " + remedy,
      report);
}

}  // namespace

void check_rpc(const std::vector<ServicePtr>& services, Report& report) {
  std::map<RpcKey, Claimant> claims;
  const auto claim = [&](const Claimant& whose) {
    const auto all = registrations_of(*whose.service->rpc, as_bound(*whose.listen));
    if (all.empty())
      say(whose, "rpcbind knows TCP and UDP only; move it to a service without 'rpc'", report);
    const Claimant* taken = nullptr;  // one complaint about a socket is enough
    for (const RpcRegistration& one : all) {
      const auto [first, is_new] = claims.emplace(one.key, whose);
      if (is_new || std::exchange(taken, &first->second)) continue;
      say_taken(whose, first->second, one.key, report);
    }
  };
  for (const ServicePtr& service : services)
    if (service->enabled && service->rpc)
      for (const Listen& listen : service->listen) claim({service.get(), &listen});
}

}  // namespace superd
