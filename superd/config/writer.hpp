// SPDX-License-Identifier: MIT
// Values as the words that people write, and that a reader reads back exactly. The counterpart of
// `reader`: a writer returns no node where its value is the standard one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "superd/base/number.hpp"
#include "superd/config/node.hpp"

namespace superd {

NodePtr write_word(std::string_view word);
NodePtr write_list(std::vector<NodePtr> items);
NodePtr write_words(const std::vector<std::string>& words);  // as a list

NodePtr write_yes_no(bool value);
NodePtr write_number(std::int64_t value);
NodePtr write_octal(unsigned value);  // "0660"
NodePtr write_duration(Milliseconds value);
NodePtr write_size(std::uint64_t value);

/// An empty mapping, and what is added to it; a value that is no node is not added.
std::shared_ptr<Node> new_mapping();
void add_entry(Node& mapping, std::string_view key, NodePtr value);

/// By `write`, unless there is nothing to write.
template <class T, class Write>
NodePtr write_if(const std::optional<T>& value, Write write) {
  return value ? write(*value) : nullptr;
}

/// By `write`, unless it is `standard`.
template <class T, class Write>
NodePtr write_unless(const T& standard, const T& value, Write write) {
  return value == standard ? nullptr : write(value);
}

/// The word at the position of `value`, unless it is the first one.
template <class Choice>
NodePtr write_choice(std::span<const std::string_view> words, Choice value) {
  const auto position = static_cast<std::size_t>(value);
  return position == 0 ? nullptr : write_word(words[position]);
}

}  // namespace superd
