// SPDX-License-Identifier: MIT
// Look, read, replace.
#include "superd/server/list_watch.hpp"

#include <algorithm>

#include "superd/os/file_state.hpp"

namespace superd {
namespace {

constexpr Milliseconds between_looks{3'000};

void note_paths(const RuleSet& rules, std::map<std::string, std::string>& paths) {
  for (const RuleListPtr& list : rules.lists)
    if (!list->path.empty()) paths.emplace(list->path, "");
}

// Whether any was replaced.
bool replace(RuleSet& rules, const std::map<std::string, RuleListPtr>& fresh) {
  bool replaced = false;
  for (RuleListPtr& list : rules.lists) {
    const auto found = fresh.find(list->path);
    if (found == fresh.end() || *found->second == *list) continue;
    list = found->second;
    replaced = true;
  }
  return replaced;
}

ServicePtr with_lists(const ServicePtr& service, const std::map<std::string, RuleListPtr>& fresh) {
  Terms terms = *service->terms;
  bool replaced = replace(terms.access.deny, fresh);
  if (terms.access.allow) replaced |= replace(*terms.access.allow, fresh);
  if (!replaced) return service;
  auto changed = std::make_shared<Service>(*service);
  changed->terms = Shared<Terms>(std::move(terms));
  return changed;
}

}  // namespace

// Those that are in use, with the state that is known of each.
std::map<std::string, std::string> ListWatch::states() const {
  std::map<std::string, std::string> paths;
  for (const ServicePtr& service : roster_.written().services) {
    if (service->terms.is_same({})) continue;
    note_paths(service->terms->access.deny, paths);
    if (service->terms->access.allow) note_paths(*service->terms->access.allow, paths);
  }
  for (auto& [path, state] : paths)
    if (const auto known = known_.find(path); known != known_.end()) state = known->second;
  return paths;
}

// The first look at a file reads it, too: it may have changed since the table was read.
awaitable<void> ListWatch::follow() {
  for (;;) {
    const auto known = states();
    if (!known.empty()) {
      std::function<Looks()> look = [known, &host = roster_.host()] {
        Looks looks;
        for (const auto& [path, before] : known) {
          Look& one = looks[path];
          if (auto state = file_state(path))
            one.state = std::move(*state);
          else
            one.fault = state.error().text;
          if (!one.state.empty() && one.state != before) one.content = load_list(path, host);
        }
        return looks;
      };
      Looks looks = co_await reading_.run(std::move(look));
      co_await put_to_use(std::move(looks));
    }
    co_await sleep_for(between_looks);
  }
}

awaitable<void> ListWatch::put_to_use(Looks looks) {
  std::map<std::string, RuleListPtr> fresh;
  for (const auto& [path, look] : looks) {
    if (look.state.empty()) {
      complain(path, look.fault);
    } else if (look.state != known_[path] && look.content.list) {
      if (!is_in_force(path, *look.content.list)) fresh.emplace(path, look.content.list);
      known_[path] = look.state;
      complained_.erase(path);
    } else if (look.state != known_[path]) {
      const auto& faults = look.content.diagnostics;
      complain(path, faults.empty() ? path + ": it can't be read" : to_line(faults.front()));
    }
  }
  if (fresh.empty()) co_return;
  std::function<void(ServiceTable&)> edit = [&fresh](ServiceTable& table) {
    for (ServicePtr& service : table.services) service = with_lists(service, fresh);
  };
  const ChangeOutcome outcome = co_await changes_.edit_table(std::move(edit));
  for (const auto& [path, list] : fresh)
    reporter_.report(Notice{
        outcome.change ? LogLevel::info : LogLevel::error,
        path +
            (outcome.change ? ": its rules are in force: " : ": its rules can't be put to use: ") +
            std::to_string(list->size())});
}

bool ListWatch::is_in_force(const std::string& path, const RuleList& list) const {
  const auto is_other = [&](const RuleList& one) { return one.path == path && one != list; };
  const auto& services = roster_.written().services;
  return std::none_of(services.begin(), services.end(), [&](const ServicePtr& service) {
    return any_list(service->terms->access, is_other);
  });
}

void ListWatch::complain(const std::string& path, const std::string& why) {
  const auto [said, is_new] = complained_.emplace(path, why);
  if (!is_new && said->second == why) return;
  said->second = why;
  reporter_.report(
      Notice{LogLevel::error, why + "; the rules that were read from it stay in force"});
}

}  // namespace superd
