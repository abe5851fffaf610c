// SPDX-License-Identifier: MIT
// `allow` and `deny` together: which rule decides about a peer. The closest one does, whichever of
// the two it is in; of two equally close ones the deny. Networks are asked first; names only where
// no network says anything. Where no rule applies, everyone may in, unless there is an `allow`.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "superd/core/rule_list.hpp"

namespace superd {

/// All that one key says: its own entries, and the files that it names.
struct RuleSet {
  std::vector<RuleListPtr> lists;

  bool operator==(const RuleSet& other) const;
  /// Only for finding the very same lists: lists that are equal but apart are not equivalent here.
  auto operator<=>(const RuleSet& other) const { return lists <=> other.lists; }
};

struct AccessRules {
  std::optional<RuleSet> allow;  // absent: everyone; empty: nobody
  RuleSet deny;

  bool operator==(const AccessRules&) const = default;
  auto operator<=>(const AccessRules&) const = default;
};

/// A rule that applies to a peer.
struct AppliedRule {
  bool allows = false;
  unsigned closeness = 0;  // among rules of its kind
  std::string rule;        // as in RuleMatch
  Place place;

  bool operator==(const AppliedRule& other) const {
    return allows == other.allows && rule == other.rule && place.file == other.place.file &&
           place.line == other.place.line;
  }
};

/// Whether `is_so` of any list of either key.
template <class Predicate>
bool any_list(const AccessRules& access, Predicate is_so) {
  const auto any_of = [&](const RuleSet& rules) {
    return std::any_of(rules.lists.begin(), rules.lists.end(),
                       [&](const RuleListPtr& list) { return is_so(*list); });
  };
  return any_of(access.deny) || (access.allow && any_of(*access.allow));
}

/// Whether any rule is a name: only then is a peer's name worth a question.
bool has_names(const AccessRules& access);

/// The rule that decides; absent where none of this kind applies.
std::optional<AppliedRule> decide(const AccessRules& access, const IpAddress& address);
std::optional<AppliedRule> decide(const AccessRules& access, std::string_view name);
std::optional<AppliedRule> decide(const AccessRules& access, const UnixPeer& peer,
                                  std::span<const gid_t> groups);

/// All rules that apply, in the order in which they would decide if those before were not there.
std::vector<AppliedRule> applied(const AccessRules& access, const IpAddress& address);
std::vector<AppliedRule> applied(const AccessRules& access, std::string_view name);
std::vector<AppliedRule> applied(const AccessRules& access, const UnixPeer& peer,
                                 std::span<const gid_t> groups);

}  // namespace superd
