// SPDX-License-Identifier: MIT
// Own entries first, then what is merged, without repeats.
#include "superd/config/merge_keys.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>

namespace superd {
namespace {

using Names =
    std::unordered_set<std::string_view>;  // the words live in nodes that the mapping holds

bool is_merge_key(const Entry& entry) { return entry.key->word == "<<"; }

void add_missing(const Node& from, Names& names, std::vector<Entry>& entries) {
  for (const Entry& entry : from.entries) {
    if (names.insert(entry.key->word).second) entries.push_back(entry);
  }
}

void merge(const NodePtr& value, Names& names, std::vector<Entry>& entries, Report& report) {
  if (value->kind == Node::Kind::mapping) return add_missing(*value, names, entries);
  bool merged = value->kind == Node::Kind::list;
  for (const NodePtr& item : value->items) {
    merged = merged && item->kind == Node::Kind::mapping;
    if (merged) add_missing(*item, names, entries);
  }
  if (!merged) {
    report.error(value->place,
                 "'<<' adds the keys of other mappings; give it one, or a list of them");
  }
}

}  // namespace

void resolve_merge_keys(Node& mapping, Report& report) {
  if (std::none_of(mapping.entries.begin(), mapping.entries.end(), is_merge_key)) return;
  std::vector<Entry> entries;
  Names names;
  for (const Entry& entry : mapping.entries) {
    if (is_merge_key(entry)) continue;
    entries.push_back(entry);
    names.insert(entry.key->word);
  }
  for (const Entry& entry : mapping.entries) {
    if (is_merge_key(entry)) merge(entry.value, names, entries, report);
  }
  mapping.entries = std::move(entries);
}

}  // namespace superd
