// SPDX-License-Identifier: MIT
// Readers of user, group and groups; defaults that depend on who runs superd.
#include "superd/config/identity.hpp"

#include <algorithm>

#include "superd/base/text.hpp"

namespace superd {
namespace {

bool is_root(const Host& host) { return host.self().uid == 0; }

// Only root can change who a process is, so that anything else written there would fail at every
// launch.
void say_only_root(const Value& value, const std::string& change) {
  say_fault(value, "superd runs as " + quote(value.scope.host.self().name) + " and only root can " +
                       change + "; remove it, or start superd as root");
}

bool is_same_set(std::vector<gid_t> a, std::vector<gid_t> b) {
  for (std::vector<gid_t>* groups : {&a, &b}) {
    std::sort(groups->begin(), groups->end());
    groups->erase(std::unique(groups->begin(), groups->end()), groups->end());
  }
  return a == b;
}

std::optional<Groups> read_group_list(const Value& value) {
  Groups groups;
  groups.own = false;
  bool is_good = true;
  for (const Value& item : read_list(value, "give a list of groups, user or none")) {
    const std::string& word = item.node.word;
    if (word == "user") {
      groups.own = true;
    } else if (word == "none" && value.node.items.size() < 2) {
      continue;  // it stands alone
    } else if (const auto group = value.scope.host.group(word); group && !word.empty()) {
      groups.further.push_back(*group);
    } else {
      say_fault(item, "no such group; give one that exists, user or none");
      is_good = false;
    }
  }
  if (!is_good) return std::nullopt;
  return groups;
}

}  // namespace

void read_user(const Value& value, Draft& draft) {
  const Host& host = value.scope.host;
  draft.identity.user.reset();
  draft.identity.is_faulty = true;
  const auto name = read_word(value, "give the name or number of a user");
  if (!name) return;
  const auto account = host.user(*name);
  if (!account) return say_fault(value, "no such user; give one that exists");
  if (!is_root(host) && account->uid != host.self().uid) {
    return say_only_root(value, "become another user");
  }
  draft.identity.user = account;
  draft.identity.is_faulty = false;
}

void read_group(const Value& value, Draft& draft) {
  const Host& host = value.scope.host;
  draft.identity.group.reset();
  const auto name = read_word(value, "give the name or number of a group");
  if (!name) return;
  const auto group = host.group(*name);
  if (!group) return say_fault(value, "no such group; give one that exists");
  if (!is_root(host) && *group != host.self().gid) return say_only_root(value, "change groups");
  draft.identity.group = group;
}

void read_groups(const Value& value, Draft& draft) {
  const Host& host = value.scope.host;
  const auto groups = read_group_list(value);
  if (!groups) return;
  if (!is_root(host)) {
    // The kernel's list may hold the primary group or not; it makes no difference to what is
    // permitted.
    std::vector<gid_t> wanted = groups->further;
    std::vector<gid_t> own = host.own_groups();
    wanted.push_back(host.self().gid);
    own.push_back(host.self().gid);
    if (groups->own) wanted.insert(wanted.end(), own.begin(), own.end());
    if (!is_same_set(wanted, own)) return say_only_root(value, "change groups");
  }
  draft.identity.groups = *groups;
}

const Account* Identities::default_user(const Draft& draft) {
  if (!nobody_) nobody_ = host_.user("nobody");
  if (*nobody_) return &**nobody_;
  report_.error(draft.place, "service " + quote(draft.name) +
                                 ": superd runs as root, and there is no user 'nobody' to run "
                                 "this as; add `user:`");
  return nullptr;
}

const std::vector<gid_t>& Identities::groups_of(const Account& account) {
  const auto found = groups_.find(account.uid);
  if (found != groups_.end()) return found->second;
  return groups_.emplace(account.uid, host_.groups_of(account)).first->second;
}

std::optional<Identity> Identities::complete(const Draft& draft) {
  const WantedIdentity& wanted = draft.identity;
  if (!is_root(host_) || wanted.is_faulty) return std::nullopt;
  const Account* user = wanted.user ? &*wanted.user : default_user(draft);
  if (user == nullptr) return std::nullopt;
  Identity identity{user->name, user->uid, wanted.group.value_or(user->gid), {}};
  if (wanted.groups.own) identity.groups = groups_of(*user);
  for (const gid_t group : wanted.groups.further) {
    const auto& groups = identity.groups;
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) {
      identity.groups.push_back(group);
    }
  }
  return identity;
}

Identity Identities::effective(const std::optional<Identity>& identity) const {
  if (identity) return *identity;
  const Account self = host_.self();
  return {self.name, self.uid, self.gid, host_.own_groups()};
}

NodePtr write_user(const Draft& draft) {
  return draft.identity.user ? write_word(draft.identity.user->name) : nullptr;
}

NodePtr write_group(const Draft& draft) { return write_if(draft.identity.group, write_number); }

NodePtr write_groups(const Draft& draft) {
  const Groups& groups = draft.identity.groups;
  if (groups.own && groups.further.empty()) return nullptr;
  if (!groups.own && groups.further.empty()) return write_word("none");
  std::vector<NodePtr> items;
  if (groups.own) items.push_back(write_word("user"));
  for (const gid_t group : groups.further) items.push_back(write_number(group));
  return write_list(std::move(items));
}

}  // namespace superd
