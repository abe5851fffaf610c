// SPDX-License-Identifier: MIT
// Overrides.
#include "superd/server/overrides.hpp"

#include <algorithm>

namespace superd {
namespace {

std::string lost(const std::string& service, const ActiveOverride& one, const std::string& why) {
  return "service '" + service + "': the override of '" + one.key + "' is dropped: " + why;
}

}  // namespace

void Overrides::set(const std::string& service, ActiveOverride one) {
  unset(service, one.key);
  all_[service].push_back(std::move(one));
}

std::vector<ActiveOverride> Overrides::unset(const std::string& service, const std::string& key) {
  std::vector<ActiveOverride> gone;
  const auto found = all_.find(service);
  if (found == all_.end()) return gone;
  auto& those = found->second;
  const auto kept = std::stable_partition(
      those.begin(), those.end(), [&](const auto& one) { return !key.empty() && one.key != key; });
  gone.assign(kept, those.end());
  those.erase(kept, those.end());
  if (those.empty()) all_.erase(found);
  return gone;
}

const std::vector<ActiveOverride>& Overrides::of(const std::string& service) const {
  static const std::vector<ActiveOverride> none;
  const auto found = all_.find(service);
  return found == all_.end() ? none : found->second;
}

std::optional<Clock::time_point> Overrides::next_expiry() const {
  std::optional<Clock::time_point> next;
  for (const auto& [service, those] : all_)
    for (const ActiveOverride& one : those)
      if (one.expires && (!next || *one.expires < *next)) next = one.expires;
  return next;
}

std::vector<std::pair<std::string, std::string>> Overrides::expired(Clock::time_point now) const {
  std::vector<std::pair<std::string, std::string>> over;
  for (const auto& [service, those] : all_)
    for (const ActiveOverride& one : those)
      if (one.expires && *one.expires <= now) over.emplace_back(service, one.key);
  return over;
}

ServiceTable Overrides::applied_to(const ServiceTable& written, const Host& host,
                                   std::vector<std::string>& dropped) {
  ServiceTable table = written;
  auto waiting = all_;
  for (ServicePtr& service : table.services) {
    const auto found = waiting.find(service->name);
    if (found == waiting.end()) continue;
    for (const ActiveOverride& one : found->second) {
      auto changed = overridden(*service, one.key, one.value, host);
      if (changed) {
        service = std::move(*changed);
      } else {
        dropped.push_back(lost(service->name, one, changed.error().text));
        unset(service->name, one.key);
      }
    }
    waiting.erase(found);
  }
  for (const auto& [service, those] : waiting) {
    for (const ActiveOverride& one : those)
      dropped.push_back(lost(service, one, "there is no such service any more"));
    all_.erase(service);
  }
  return table;
}

}  // namespace superd
