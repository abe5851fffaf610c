// SPDX-License-Identifier: MIT
// A tree, not a hash: strangers choose the addresses, and could choose those that collide.
#include "superd/core/name_cache.hpp"

namespace superd {
namespace {

bool has_names(const LookupOutcome& outcome) {
  const auto* all = std::get_if<ConfirmedNames>(&outcome);
  return all && !all->names.empty();
}

}  // namespace

const LookupOutcome* NameCache::find(const IpAddress& address, Time now) {
  const auto found = known_.find(address);
  if (found == known_.end()) return nullptr;
  if (now < found->second.end) return &found->second.outcome;
  forget(found);
  return nullptr;
}

void NameCache::keep(const IpAddress& address, LookupOutcome outcome, Time now) {
  if (const auto found = known_.find(address); found != known_.end()) forget(found);
  if (known_.size() >= most_ && !by_age_.empty()) forget(known_.find(by_age_.front()));
  const Time end = now + (has_names(outcome) ? found_for : nothing_for);
  by_age_.push_back(address);
  known_.emplace(address, Known{std::move(outcome), end, std::prev(by_age_.end())});
}

void NameCache::forget(std::map<IpAddress, Known>::iterator known) {
  by_age_.erase(known->second.by_age);
  known_.erase(known);
}

}  // namespace superd
