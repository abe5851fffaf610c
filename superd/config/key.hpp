// SPDX-License-Identifier: MIT
// One row per key: its name, its reader and writer, and what users are told of it. A mapping is
// read and written by its table; nothing else knows which keys there are.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "superd/config/keys.hpp"
#include "superd/config/reader.hpp"
#include "superd/config/writer.hpp"

namespace superd {

template <class Target>
struct Key {
  std::string_view name;
  void (*read)(const Value& value, Target& target);
  NodePtr (*write)(const Target& target);  // absent: the standard value; nullptr for structure
  std::string_view value;                  // its form
  std::string_view standard;               // what holds where it isn't written
  std::string_view help;
};

/// Reports a key that no table of this mapping has: the nearest spelling, or where it belongs.
void say_unknown_key(const Value& value, std::span<const std::string_view> known);

template <class Target>
std::vector<std::string_view> names_of(std::span<const Key<Target>> keys) {
  std::vector<std::string_view> names;
  for (const Key<Target>& key : keys) names.push_back(key.name);
  return names;
}

template <class Target>
const Key<Target>* find_key(std::span<const Key<Target>> keys, std::string_view name) {
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [&](const Key<Target>& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

/// Reads every entry of `mapping` into `target`. The key decides; unknown ones are errors.
template <class Target>
void read_keys(const Value& mapping, const std::string& remedy, std::span<const Key<Target>> keys,
               Target& target) {
  const auto values = read_mapping(mapping, remedy);
  if (!values) return;
  for (const Value& entry : *values) {
    if (const Key<Target>* key = find_key(keys, entry.key)) {
      key->read(entry, target);
    } else {
      say_unknown_key(entry, names_of(keys));
    }
  }
}

/// What the keys of `target` say, as a mapping; absent where all is standard.
template <class Target>
NodePtr write_keys(std::span<const Key<Target>> keys, const Target& target) {
  auto mapping = new_mapping();
  for (const Key<Target>& key : keys) add_entry(*mapping, key.name, key.write(target));
  return mapping->entries.empty() ? nullptr : mapping;
}

}  // namespace superd
