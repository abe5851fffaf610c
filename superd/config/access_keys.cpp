// SPDX-License-Identifier: MIT
// Entries of both keys are read alike. Written back they are in order: networks, names, accounts,
// files.
#include "superd/config/access_keys.hpp"

#include "superd/base/text.hpp"
#include "superd/config/list_file.hpp"
#include "superd/config/rules.hpp"

namespace superd {
namespace {

constexpr std::size_t most_files = 64;  // of one key: each is looked at for each connection

RuleListPtr read_file(const Value& value, const std::string& word) {
  const std::string path = absolute_path(value.scope, word);
  ListFiles own;
  ListFiles& files = value.scope.lists != nullptr ? *value.scope.lists : own;
  const auto list = files.read(path, value.scope.host, value.scope.report);
  if (list) return *list;
  say_error(value, "list " + quote(path, 200) + ": " + list.error().text);
  return nullptr;
}

std::optional<RuleSet> read_rules(const Value& value) {
  const std::string remedy = "give a list of addresses, networks, names and @files, or []";
  RuleSet rules;
  RuleDraft own;
  std::shared_ptr<const std::string> file;
  for (const Value& item : read_list(value, remedy)) {
    const auto word = read_word(item, rule_remedy);
    if (!word) continue;
    file = item.node.place.file;
    if (word->starts_with('@')) {
      if (RuleListPtr list = read_file(item, word->substr(1))) rules.lists.push_back(list);
      continue;
    }
    const auto line = static_cast<std::uint32_t>(item.node.place.line);
    const auto warning = add_rule(*word, line, value.scope.host, own);
    if (!warning) {
      say_fault(item, warning.error().text);
    } else if (!warning->empty()) {
      say_warning(item, quote(value.key) + ": " + *warning);
    }
  }
  if (rules.lists.size() > most_files) {
    say_error(value, quote(value.key) + " names more than 64 files; put some of them together");
    return std::nullopt;
  }
  const std::string subject = value.subject.empty() ? "" : std::string(value.subject) + ": ";
  const auto list =
      make_list(std::move(own), file, {}, subject + quote(value.key) + ": ", value.scope.report);
  if (list->size() > 0) rules.lists.insert(rules.lists.begin(), list);
  return rules;
}

NodePtr write_rules(const RuleSet& rules) {
  std::vector<NodePtr> items;
  for (const RuleListPtr& list : rules.lists) {
    if (!list->path.empty()) continue;
    for (const auto& entry : list->networks.entries()) {
      items.push_back(write_word(to_text(entry.network)));
    }
    for (const NameRule& rule : list->names) items.push_back(write_word(rule.pattern));
    for (const AccountRule& rule : list->accounts) items.push_back(write_word(to_text(rule)));
  }
  for (const RuleListPtr& list : rules.lists) {
    if (!list->path.empty()) items.push_back(write_word("@" + list->path));
  }
  return write_list(std::move(items));
}

// A network as one of many, of both keys.
struct Seen {
  Network network;
  bool denies;
  std::uint32_t line;
  const RuleList* list;
};

void gather(const RuleSet& rules, bool denies, std::vector<Seen>& all) {
  for (const RuleListPtr& list : rules.lists) {
    for (const auto& entry : list->networks.entries()) {
      all.push_back({entry.network, denies, entry.value, list.get()});
    }
  }
}

// The interface, then the address, then the length; of equal ones the deny, which decides.
bool stands_before(const Seen& a, const Seen& b) {
  const auto scope = [](const Seen& seen) { return seen.network.address.scope; };
  if (scope(a) != scope(b)) return scope(a) < scope(b);
  if (a.network != b.network) return a.network < b.network;
  return a.denies && !b.denies;
}

bool encloses(const Seen& outer, const Seen& inner) {
  return outer.network.address.scope == inner.network.address.scope &&
         outer.network.length <= inner.network.length &&
         contains(outer.network, inner.network.address);
}

std::string as_written(const Seen& seen) {
  return std::string(seen.denies ? "deny " : "allow ") + to_text(seen.network);
}

std::string fault_of(const Seen& outer, const Seen& inner) {
  const std::string where = " (" + to_text(outer.list->place_of(outer.line)) + ")";
  if (outer.network == inner.network && outer.denies != inner.denies) {
    return "'" + as_written(inner) + "' never applies: the same is in deny" + where;
  }
  if (outer.denies != inner.denies) return {};
  return "'" + as_written(inner) + "' changes nothing: '" + as_written(outer) +
         "' says so already" + where;
}

bool is_everybody(const NetworkSet::Entry& entry) { return entry.network.length == 0; }

}  // namespace

void read_allow(const Value& value, Draft& draft) {
  if (value.node.word == "everyone") {
    draft.terms.access.allow.reset();
  } else if (auto rules = read_rules(value)) {
    draft.terms.access.allow = std::move(rules);
  }
}

NodePtr write_allow(const Draft& draft) {
  const auto& allow = draft.terms.access.allow;
  return allow ? write_rules(*allow) : nullptr;
}

void read_deny(const Value& value, Draft& draft) {
  if (auto rules = read_rules(value)) draft.terms.access.deny = std::move(*rules);
}

NodePtr write_deny(const Draft& draft) {
  const RuleSet& deny = draft.terms.access.deny;
  return deny.lists.empty() ? nullptr : write_rules(deny);
}

// Networks decide before names: who is in one of them is never asked for a name.
void IdleRules::check_names(const Draft& draft) {
  const AccessRules& access = draft.terms.access;
  const auto named = std::find_if(access.deny.lists.begin(), access.deny.lists.end(),
                                  [](const RuleListPtr& list) { return !list->names.empty(); });
  if (!access.allow || named == access.deny.lists.end()) return;
  const NameRule& name = (*named)->names.front();
  for (const RuleListPtr& list : access.allow->lists) {
    for (const auto& entry : list->networks.entries()) {
      if (!is_everybody(entry)) continue;
      report_.warning((*named)->place_of(name.line),
                      "service " + quote(draft.name) + ": 'deny " + name.pattern +
                          "' applies to no IPv" + (entry.network.address.v6 ? "6" : "4") +
                          " address: 'allow " + to_text(entry.network) + "' (" +
                          to_text(list->place_of(entry.value)) +
                          ") decides first, for networks come before names; deny by address");
    }
  }
}

void IdleRules::check(const Draft& draft) {
  const AccessRules& access = draft.terms.access;
  if (!checked_.insert(access).second) return;
  check_names(draft);
  std::vector<Seen> all;
  if (access.allow) gather(*access.allow, false, all);
  gather(access.deny, true, all);
  std::stable_sort(all.begin(), all.end(), stands_before);
  // Said one by one in the table; of a file, whose entries others may have made, the first.
  std::map<const RuleList*, std::pair<std::size_t, std::string>> idle;
  std::map<const RuleList*, std::uint32_t> first;
  std::vector<const Seen*> around;
  for (const Seen& seen : all) {
    while (!around.empty() && !encloses(*around.back(), seen)) around.pop_back();
    const std::string fault = around.empty() ? "" : fault_of(*around.back(), seen);
    if (fault.empty()) {
      around.push_back(&seen);
      continue;
    }
    auto& [count, text] = idle[seen.list];
    if (count++ == 0) text = fault, first[seen.list] = seen.line;
    if (seen.list->path.empty() && count > 1 && count < 20) {
      report_.warning(seen.list->place_of(seen.line),
                      "service " + quote(draft.name) + ": " + fault);
    }
  }
  for (const auto& [list, said] : idle) {
    const bool is_cut = !list->path.empty() ? said.first > 1 : said.first > 19;
    const std::string more =
        is_cut ? "; so it is with " + std::to_string(said.first - 1) + " more" : "";
    report_.warning(list->place_of(first[list]),
                    "service " + quote(draft.name) + ": " + said.second + more);
  }
}

}  // namespace superd
