// SPDX-License-Identifier: MIT
// Names that superd sets for every connection are its own: a handler must be able to trust them.
#include "superd/config/environment.hpp"

#include <algorithm>

#include "superd/base/text.hpp"

namespace superd {
namespace {

constexpr std::string_view own_names[] = {"PROTO", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"};
// What superctl reads, not superd: a handler may be one who asks.
constexpr std::string_view others_name = "SUPERD_SOCKET";
constexpr std::string_view own_prefixes[] = {"SUPERD_", "TCP",   "UDP",    "SCTP",
                                             "IPC",     "VSOCK", "REMOTE_"};

bool is_name(std::string_view name) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  if (name.empty() || letters.find(name[0]) == name.npos) return false;
  return name.find_first_not_of(std::string(letters) + "0123456789") == name.npos;
}

bool is_own(std::string_view name) {
  if (name == others_name) return false;
  return std::find(std::begin(own_names), std::end(own_names), name) != std::end(own_names) ||
         std::any_of(std::begin(own_prefixes), std::end(own_prefixes),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

// `value` is where the name is written.
bool is_free_name(const Value& value, std::string_view name) {
  if (!is_name(name)) {
    say_error(value, quote(name) + " is no name of a variable; use letters, digits and '_'");
    return false;
  }
  if (is_own(name)) {
    say_error(value, quote(name) + " is set by superd itself; use another name");
    return false;
  }
  return true;
}

}  // namespace

void read_environment(const Value& value, Draft& draft) {
  const auto entries = read_mapping(value, "give a mapping such as {LANG: C.UTF-8}");
  if (!entries) return;
  draft.process.environment.clear();
  for (const Value& entry : *entries) {
    const bool has_name = is_free_name(key_of(entry), entry.key);
    if (entry.node.kind != Node::Kind::word) {
      say_fault(entry, "give a text, \"\" for an empty one");
    } else if (has_name) {
      draft.process.environment.emplace_back(entry.key, entry.node.word);
    }
  }
}

void read_pass_environment(const Value& value, Draft& draft) {
  draft.passed.clear();
  for (const Value& item : read_list(value, "give a list of names")) {
    const auto name = read_word(item, "give the name of a variable");
    if (!name || !is_free_name(item, *name)) continue;
    if (auto text = value.scope.host.environment(*name)) {
      draft.passed.emplace_back(*name, std::move(*text));
    }
  }
}

NodePtr write_environment(const Draft& draft) {
  auto mapping = new_mapping();
  for (const auto& [name, text] : draft.process.environment) {
    add_entry(*mapping, name, write_word(text));
  }
  return mapping->entries.empty() ? nullptr : mapping;
}

NodePtr write_pass_environment(const Draft& draft) {
  std::vector<NodePtr> names;
  for (const auto& [name, text] : draft.passed) names.push_back(write_word(name));
  return names.empty() ? nullptr : write_list(std::move(names));
}

}  // namespace superd
