// SPDX-License-Identifier: MIT
// What a word is shows in its form: nothing is looked up but accounts.
#include "superd/config/rules.hpp"

#include <algorithm>

#include "superd/base/text.hpp"

namespace superd {
namespace {

constexpr std::size_t most_repeats = 5;  // said one by one

bool looks_numeric(std::string_view word) {
  return word.find_first_not_of("0123456789./") == word.npos || word.find(':') != word.npos ||
         word.find('/') != word.npos;
}

// "192.168.0.0" is one address, where other programs take its zeros for anything.
std::string zeros_warning(const Network& network) {
  const IpAddress& address = network.address;
  if (address.v6 || network.length < 32 || address.bytes[3] != 0) return {};
  unsigned length = 24;
  while (length > 0 && address.bytes[length / 8 - 1] == 0) length -= 8;
  return quote(to_text(network)) + " is one address; for the network give " +
         to_text(network_of(address, length)) + (length == 0 ? "/0" : "");
}

Result<std::string> add_network(std::string_view word, std::uint32_t line, RuleDraft& draft) {
  const auto written = parse_network(word);
  if (!written) return written.error();
  draft.networks.push_back({written->network, line});
  if (written->has_host_bits) {
    return as_result(quote(word) + " has bits beyond its length; it means " +
                     to_text(written->network));
  }
  return as_result(word.find('/') == word.npos ? zeros_warning(written->network) : std::string());
}

Result<std::string> add_account(AccountRule::Kind kind, const std::string& name, std::uint32_t line,
                                const Host& host, RuleDraft& draft) {
  AccountRule rule{kind, 0, name, line};
  if (kind == AccountRule::Kind::user) {
    const auto account = name.empty() ? std::nullopt : host.user(name);
    if (!account) return Error{"no such user; give one that exists"};
    rule.id = account->uid;
  } else {
    const auto group = name.empty() ? std::nullopt : host.group(name);
    if (!group) return Error{"no such group; give one that exists"};
    rule.id = *group;
  }
  draft.accounts.push_back(std::move(rule));
  return as_result(std::string());
}

struct Said {
  std::string text;
  std::uint32_t line, first;
};

// Every entry whose key is that of one before it.
template <class Entry, class Key, class Text>
void find_repeats(std::vector<Entry> entries, Key key, Text text, std::uint32_t Entry::*line,
                  std::vector<Said>& repeats) {
  std::stable_sort(entries.begin(), entries.end(),
                   [&](const Entry& a, const Entry& b) { return key(a) < key(b); });
  std::size_t first = 0;
  for (std::size_t i = 1; i < entries.size(); ++i) {
    if (key(entries[i]) == key(entries[first])) {
      repeats.push_back({text(entries[i]), entries[i].*line, entries[first].*line});
    } else {
      first = i;
    }
  }
}

}  // namespace

Result<std::string> add_rule(std::string_view word, std::uint32_t line, const Host& host,
                             RuleDraft& draft) {
  constexpr std::string_view user = "user:", group = "group:";
  if (word.starts_with(user)) {
    return add_account(AccountRule::Kind::user, std::string(word.substr(user.size())), line, host,
                       draft);
  }
  if (word.starts_with(group)) {
    return add_account(AccountRule::Kind::group, std::string(word.substr(group.size())), line, host,
                       draft);
  }
  if (looks_numeric(word)) return add_network(word, line, draft);
  std::string pattern = as_name_pattern(word);
  if (pattern.empty()) return Error{rule_remedy};
  draft.names.push_back({std::move(pattern), line});
  return as_result(std::string());
}

RuleListPtr make_list(RuleDraft draft, const std::shared_ptr<const std::string>& file,
                      const std::string& path, const std::string& subject, Report& report) {
  std::vector<Said> repeats;
  find_repeats(
      draft.networks, [](const auto& entry) -> const Network& { return entry.network; },
      [](const auto& entry) { return to_text(entry.network); }, &NetworkSet::Entry::value, repeats);
  find_repeats(
      draft.names, [](const auto& rule) -> const std::string& { return rule.pattern; },
      [](const auto& rule) { return rule.pattern; }, &NameRule::line, repeats);
  find_repeats(
      draft.accounts, [](const auto& rule) { return std::pair(rule.kind, rule.id); },
      [](const auto& rule) { return to_text(rule); }, &AccountRule::line, repeats);

  auto list = std::make_shared<RuleList>();
  list->file = file;
  list->path = path;
  for (std::size_t i = 0; i < repeats.size(); ++i) {
    const bool is_last = i + 1 == most_repeats && repeats.size() > most_repeats;
    const std::string more =
        is_last ? "; and " + std::to_string(repeats.size() - most_repeats) + " more" : "";
    report.warning(list->place_of(repeats[i].line), subject + quote(repeats[i].text) +
                                                        " is there already, in line " +
                                                        std::to_string(repeats[i].first) + more);
    if (is_last) break;
  }
  list->networks = NetworkSet(std::move(draft.networks));
  list->names = std::move(draft.names);
  list->accounts = std::move(draft.accounts);
  tidy(*list);
  return list;
}

}  // namespace superd
