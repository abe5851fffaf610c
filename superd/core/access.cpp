// SPDX-License-Identifier: MIT
// The lists of both keys, asked in the same way for each kind of rule.
#include "superd/core/access.hpp"

#include <algorithm>

namespace superd {
namespace {

// A tie is a deny.
bool decides_before(const AppliedRule& a, const AppliedRule& b) {
  if (a.closeness != b.closeness) return a.closeness > b.closeness;
  return !a.allows && b.allows;
}

template <class Ask>
void collect(const RuleSet& set, bool allows, Ask ask, std::vector<AppliedRule>& all) {
  for (const RuleListPtr& list : set.lists) {
    for (RuleMatch& match : ask(*list)) {
      all.push_back({allows, match.closeness, std::move(match.rule), list->place_of(match.line)});
    }
  }
}

template <class Ask>
std::vector<AppliedRule> all_of(const AccessRules& access, Ask ask) {
  std::vector<AppliedRule> all;
  if (access.allow) collect(*access.allow, true, ask, all);
  collect(access.deny, false, ask, all);
  std::stable_sort(all.begin(), all.end(), decides_before);
  return all;
}

template <class Ask>
std::optional<AppliedRule> first_of(const AccessRules& access, Ask ask) {
  auto all = all_of(access, ask);
  if (all.empty()) return std::nullopt;
  return std::move(all.front());
}

auto about(std::string_view name) {
  return [name](const RuleList& list) { return matches(list, name); };
}

auto about(const UnixPeer& peer, std::span<const gid_t> groups) {
  return [&peer, groups](const RuleList& list) { return matches(list, peer, groups); };
}

}  // namespace

bool RuleSet::operator==(const RuleSet& other) const {
  return std::equal(lists.begin(), lists.end(), other.lists.begin(), other.lists.end(),
                    [](const RuleListPtr& a, const RuleListPtr& b) { return a == b || *a == *b; });
}

bool has_names(const AccessRules& access) {
  return any_list(access, [](const RuleList& list) { return !list.names.empty(); });
}

std::optional<AppliedRule> decide(const AccessRules& access, const IpAddress& address) {
  return first_of(access, [&](const RuleList& list) { return matches(list, address, 1); });
}

std::optional<AppliedRule> decide(const AccessRules& access, std::string_view name) {
  return first_of(access, about(name));
}

std::optional<AppliedRule> decide(const AccessRules& access, const UnixPeer& peer,
                                  std::span<const gid_t> groups) {
  return first_of(access, about(peer, groups));
}

std::vector<AppliedRule> applied(const AccessRules& access, const IpAddress& address) {
  return all_of(access, [&](const RuleList& list) { return matches(list, address); });
}

std::vector<AppliedRule> applied(const AccessRules& access, std::string_view name) {
  return all_of(access, about(name));
}

std::vector<AppliedRule> applied(const AccessRules& access, const UnixPeer& peer,
                                 std::span<const gid_t> groups) {
  return all_of(access, about(peer, groups));
}

}  // namespace superd
