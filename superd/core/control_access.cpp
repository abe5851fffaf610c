// SPDX-License-Identifier: MIT
// Callers against accounts.
#include "superd/core/control_access.hpp"

#include <algorithm>

namespace superd {
namespace {

template <class Id>
bool holds(const std::vector<Id>& all, Id one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool names(const Accounts& accounts, const ControlCaller& caller) {
  if (holds(accounts.users, caller.uid) || holds(accounts.groups, caller.gid)) return true;
  return std::any_of(caller.groups.begin(), caller.groups.end(),
                     [&](gid_t group) { return holds(accounts.groups, group); });
}

}  // namespace

std::optional<Access> access_of(const ControlCaller& caller, const ControlSettings& settings,
                                uid_t own_uid) {
  if (caller.uid == 0 || caller.uid == own_uid) return Access::change;
  if (names(settings.change, caller)) return Access::change;
  if (names(settings.read, caller)) return Access::read;
  return std::nullopt;
}

const char* name_of(Access access) { return access == Access::read ? "read" : "change"; }

}  // namespace superd
