// SPDX-License-Identifier: MIT
// All tables side by side: for help, and for telling where a misplaced key belongs.
#include "superd/config/keys.hpp"

#include <vector>

#include "superd/base/text.hpp"
#include "superd/config/admission_keys.hpp"
#include "superd/config/control_keys.hpp"
#include "superd/config/daemon_keys.hpp"
#include "superd/config/file_keys.hpp"
#include "superd/config/forward.hpp"
#include "superd/config/key.hpp"
#include "superd/config/limits_keys.hpp"
#include "superd/config/listen_keys.hpp"
#include "superd/config/rpc_keys.hpp"
#include "superd/config/service_keys.hpp"
#include "superd/config/warm_keys.hpp"

namespace superd {
namespace {

struct Section {
  std::string_view name;
  std::string_view meaning;  // "it belongs …"
};
constexpr Section top{"", "at the top level"};
constexpr Section daemon_section{"daemon", "in 'daemon'"};
constexpr Section control{"daemon.control", "in 'control' of 'daemon'"};
constexpr Section access_section{"daemon.control_access", "in 'control_access' of 'daemon'"};
constexpr Section log_section{"daemon.log", "in 'log' of 'daemon'"};
constexpr Section service{"services.NAME", "in a service"};
constexpr Section shared{"defaults, services.NAME", "in a service or 'defaults'"};
constexpr Section forward{"forward", "in 'forward'"};
constexpr Section listen{"listen", "in 'listen'"};
constexpr Section rpc{"rpc", "in 'rpc'"};
constexpr Section limits{"limits", "in 'limits'"};
constexpr Section source_prefix{"limits.source_prefix", "in 'source_prefix' of 'limits'"};
constexpr Section banner{"banner", "in 'banner'"};
constexpr Section warm{"warm", "in 'warm'"};
constexpr Section trap{"trap", "in 'trap'"};
constexpr Section sections[] = {
    top,    daemon_section, control, access_section, log_section, service, rpc, shared,
    limits, source_prefix,  banner,  trap,           forward,     listen,  warm};

// Verbs that the language knows and this version doesn't.
constexpr std::string_view later_verbs[] = {"builtin"};

template <class Target>
void add(std::vector<KeyHelp>& all, const Section& section, std::span<const Key<Target>> keys) {
  for (const Key<Target>& key : keys) {
    all.push_back({section.name, key.name, key.value, key.standard, key.help});
  }
}

std::vector<KeyHelp> collect_keys() {
  std::vector<KeyHelp> all;
  add(all, top, file_keys());
  add(all, daemon_section, daemon_keys());
  add(all, control, control_keys());
  add(all, access_section, control_access_keys());
  add(all, log_section, log_keys());
  add(all, service, service_keys());
  add(all, rpc, rpc_keys());
  add(all, shared, shared_keys());
  add(all, limits, limits_keys());
  add(all, source_prefix, source_prefix_keys());
  add(all, banner, banner_keys());
  add(all, trap, trap_keys());
  add(all, forward, forward_keys());
  add(all, listen, listen_keys());
  add(all, warm, warm_keys());
  return all;
}

// Where a key that is misplaced would be right; several mappings can have one of its name.
std::string home_of(std::string_view key) {
  std::string homes;
  for (const KeyHelp& help : all_keys()) {
    if (help.name != key) continue;
    for (const Section& section : sections) {
      if (section.name != help.section) continue;
      if (!homes.empty()) homes += " or ";
      homes += section.meaning;
    }
  }
  return homes;
}

bool contains(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string remedy_for(std::string_view key, std::span<const std::string_view> known) {
  if (contains(known, "run") && contains(later_verbs, key)) {
    return "this version has 'run', 'activate' and 'forward'";
  }
  if (const std::string home = home_of(key); !home.empty()) return "it belongs " + home;
  if (const auto close = nearest(key, known)) return "did you mean " + quote(*close) + "?";
  return "give " + any_of_text(known);
}

}  // namespace

std::span<const KeyHelp> all_keys() {
  static const std::vector<KeyHelp> all = collect_keys();
  return all;
}

void say_unknown_key(const Value& value, std::span<const std::string_view> known) {
  say_error(key_of(value), "unknown key " + quote(value.key) + "; " + remedy_for(value.key, known));
}

}  // namespace superd
