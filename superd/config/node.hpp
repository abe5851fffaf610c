// SPDX-License-Identifier: MIT
// YAML as superd sees it: words, lists and mappings that know their place. Values stay the words
// that were written; the key they belong to decides what they mean, so that `umask: 022` is octal
// and `user: no` a name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "superd/base/place.hpp"

namespace superd {

struct Node;
using NodePtr = std::shared_ptr<const Node>;  // an alias shares the node of its anchor

struct Entry {
  NodePtr key;  // always a word
  NodePtr value;
};

struct Node {
  enum class Kind { nothing, word, list, mapping };  // nothing: no value, or a plain `~`
  Kind kind = Kind::nothing;
  std::string word;
  std::vector<NodePtr> items;
  std::vector<Entry> entries;  // merge keys (`<<`) are resolved: what they add comes last
  Place place;
  std::size_t weight = 1;  // nodes in it, those of aliases counted each time
};

}  // namespace superd
