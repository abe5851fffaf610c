// SPDX-License-Identifier: MIT
// The same function that decides in superd, with nothing counted.
#include "superd/ctl/explain.hpp"

#include <algorithm>

#include "superd/base/text.hpp"
#include "superd/os/load_average.hpp"
#include "superd/os/time_zone.hpp"

namespace superd {
namespace {

Result<LocalTime> time_of(const Request& request, const Schedule& hours) {
  const auto at = std::find(request.options.begin(), request.options.end(), "--at");
  if (at != request.options.end()) return parse_local_time(*(at + 1));
  const Moment now = std::chrono::system_clock::now();
  if (hours.zone.empty()) return local_time(now);
  const auto zone = TimeZone::load(hours.zone);
  if (!zone) return zone.error();
  return zone->at(now);
}

}  // namespace

Result<Explanation> explain_by_table(const Request& request, const ServiceTable& table) {
  const std::string& name = request.arguments.at(0);
  const auto found = std::find_if(table.services.begin(), table.services.end(),
                                  [&](const ServicePtr& service) { return service->name == name; });
  if (found == table.services.end()) return Error{"there is no service " + quote(name), 0};
  const Service& service = **found;
  const auto peer = parse_visitor(request.arguments.at(1));
  if (!peer) return peer.error();
  const auto time = time_of(request, service.terms->hours);
  if (!time) return time.error();
  const Ledger nobody{HashKey{}};
  Facts facts{.peer = *peer, .now = std::chrono::steady_clock::now(), .ledger = nobody};
  facts.local = *time;
  facts.load = load_average();
  return explain(service, facts);
}

}  // namespace superd
