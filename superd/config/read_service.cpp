// SPDX-License-Identifier: MIT
// The two tables of a service made one; the rules for its name.
#include "superd/config/read_service.hpp"

#include <algorithm>

#include "superd/base/text.hpp"
#include "superd/config/service_keys.hpp"

namespace superd {
namespace {

constexpr std::size_t longest_name = 64;
constexpr std::string_view name_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+@";

void note_origins(const Value& mapping, std::vector<Origin>& origins) {
  const auto keys = all_service_keys();
  for (const Entry& entry : mapping.node.entries) {
    const Key<Draft>* key = find_key(keys, entry.key->word);
    if (key == nullptr) continue;
    set_origin(origins, {static_cast<std::uint32_t>(entry.key->place.line), mapping.scope.file,
                         static_cast<std::uint8_t>(key - keys.data())});
  }
}

// What defaults say of everybody's handlers is no wish for several programs at one socket.
void keep_to_one_program(const Value& service, Draft& draft) {
  const auto& entries = service.node.entries;
  const bool has_own = std::any_of(entries.begin(), entries.end(),
                                   [](const Entry& one) { return one.key->word == "limits"; });
  if (draft.activate && !has_own) draft.terms.limits.instances.reset();
}

}  // namespace

std::span<const Key<Draft>> all_service_keys() {
  static const std::vector<Key<Draft>> all = [] {
    std::vector<Key<Draft>> keys(service_keys().begin(), service_keys().end());
    keys.insert(keys.end(), shared_keys().begin(), shared_keys().end());
    return keys;
  }();
  return all;
}

Draft read_service(const Value& value, const Draft& defaults) {
  Draft draft = defaults;
  draft.name = value.key;
  draft.place = key_of(value).node.place;
  const std::string subject = "service " + quote(value.key);
  const Value service{value.scope, subject, {}, value.node, value.key_node};
  if (tidy_service_name(value.key) != value.key) {
    say_error(key_of(service),
              "give it a name of at most 64 letters, digits and _-.+@, that begins with a letter "
              "or digit");
  }
  if (value.node.kind != Node::Kind::mapping) {
    // One fault: that nothing is in it needs no saying.
    draft.listen.emplace();
    draft.run.emplace();
  }
  read_keys(service, "give a mapping such as {listen: 127.0.0.1:7001, run: cat}",
            all_service_keys(), draft);
  keep_to_one_program(service, draft);
  note_origins(service, draft.origins);
  return draft;
}

Draft read_defaults(const Value& value, const Draft& outer) {
  Draft draft = outer;
  const Value defaults{value.scope, "defaults", {}, value.node, value.key_node};
  read_keys(defaults, "give a mapping such as {user: nobody}", shared_keys(), draft);
  note_origins(defaults, draft.origins);
  return draft;
}

std::string tidy_service_name(std::string_view name) {
  std::string tidy(name.substr(0, longest_name));
  for (char& c : tidy) {
    if (name_characters.find(c) == name_characters.npos) c = '_';
  }
  const bool begins_well =
      !tidy.empty() && std::string_view("-.+@").find(tidy[0]) == std::string_view::npos;
  return begins_well ? tidy : ("_" + tidy).substr(0, longest_name);
}

}  // namespace superd
