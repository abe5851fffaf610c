// SPDX-License-Identifier: MIT
// What applies to a peer: networks by the set, names by a search for each of their endings.
#include "superd/core/rule_list.hpp"

#include <algorithm>
#include <tuple>

namespace superd {
namespace {

constexpr std::size_t longest_name = 253;  // RFC 1035, as text
constexpr std::size_t longest_label = 63;

template <class Rule, class Key>
void sort_once(std::vector<Rule>& rules, Key key) {
  std::stable_sort(rules.begin(), rules.end(),
                   [&](const Rule& a, const Rule& b) { return key(a) < key(b); });
  const auto is_same = [&](const Rule& a, const Rule& b) { return key(a) == key(b); };
  rules.erase(std::unique(rules.begin(), rules.end(), is_same), rules.end());
  rules.shrink_to_fit();
}

const std::string& pattern_of(const NameRule& rule) { return rule.pattern; }
auto account_of(const AccountRule& rule) { return std::tuple(rule.kind, rule.id); }

template <class Rule, class Key>
bool are_equal(const std::vector<Rule>& a, const std::vector<Rule>& b, Key key) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](const Rule& x, const Rule& y) { return key(x) == key(y); });
}

const NameRule* find_name(const RuleList& list, std::string_view pattern) {
  const auto at = std::lower_bound(
      list.names.begin(), list.names.end(), pattern,
      [](const NameRule& rule, std::string_view text) { return rule.pattern < text; });
  return at == list.names.end() || at->pattern != pattern ? nullptr : &*at;
}

bool is_label(std::string_view label) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  return !label.empty() && label.size() <= longest_label &&
         label.find_first_not_of(allowed) == label.npos;
}

}  // namespace

bool RuleList::operator==(const RuleList& other) const {
  if (path != other.path || networks.size() != other.networks.size()) return false;
  const auto mine = networks.entries(), theirs = other.networks.entries();
  return are_equal(mine, theirs, [](const auto& entry) { return entry.network; }) &&
         are_equal(names, other.names, pattern_of) &&
         are_equal(accounts, other.accounts, account_of);
}

void tidy(RuleList& list) {
  sort_once(list.names, pattern_of);
  sort_once(list.accounts, account_of);
}

std::vector<RuleMatch> matches(const RuleList& list, const IpAddress& address, std::size_t most) {
  std::vector<RuleMatch> found;
  if (list.networks.size() == 0 || most == 0) return found;
  const auto add = [&](const NetworkSet::Entry& entry) {
    const Network& network = entry.network;
    const unsigned closeness = 2U * network.length + (network.address.scope != 0 ? 1U : 0U);
    found.push_back({closeness, entry.value, to_text(network)});
  };
  if (most == 1) {
    if (const auto narrowest = list.networks.find(address)) add(*narrowest);
  } else {
    for (const auto& entry : list.networks.find_all(address)) add(entry);
    if (found.size() > most) found.resize(most);
  }
  return found;
}

std::vector<RuleMatch> matches(const RuleList& list, std::string_view name) {
  std::vector<RuleMatch> found;
  const std::string whole = list.names.empty() ? std::string() : as_name_pattern(name);
  if (whole.empty() || whole.front() == '.') return found;
  const auto add = [&](std::string_view pattern, bool is_whole) {
    const NameRule* rule = find_name(list, pattern);
    const auto closeness = static_cast<unsigned>(2 * pattern.size() + (is_whole ? 1 : 0));
    if (rule != nullptr) found.push_back({closeness, rule->line, rule->pattern});
  };
  add(whole, true);
  for (std::size_t dot = whole.find('.'); dot != whole.npos; dot = whole.find('.', dot + 1)) {
    add(std::string_view(whole).substr(dot), false);
  }
  return found;
}

std::vector<RuleMatch> matches(const RuleList& list, const UnixPeer& peer,
                               std::span<const gid_t> groups) {
  std::vector<RuleMatch> users, others;
  for (const AccountRule& rule : list.accounts) {
    if (rule.kind == AccountRule::Kind::user) {
      if (rule.id == peer.uid) users.push_back({2, rule.line, to_text(rule)});
    } else if (rule.id == peer.gid ||
               std::find(groups.begin(), groups.end(), rule.id) != groups.end()) {
      others.push_back({1, rule.line, to_text(rule)});
    }
  }
  users.insert(users.end(), others.begin(), others.end());
  return users;
}

std::string as_name_pattern(std::string_view text) {
  std::string pattern(text);
  for (char& c : pattern) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (pattern.ends_with('.')) pattern.pop_back();
  std::string_view rest = pattern;
  if (rest.starts_with('.')) rest.remove_prefix(1);
  if (rest.empty() || rest.size() > longest_name) return {};
  while (true) {
    const std::size_t dot = rest.find('.');
    if (!is_label(rest.substr(0, dot))) return {};
    if (dot == rest.npos) return pattern;
    rest.remove_prefix(dot + 1);
  }
}

std::string to_text(const AccountRule& rule) {
  return (rule.kind == AccountRule::Kind::user ? "user:" : "group:") + rule.name;
}

}  // namespace superd
