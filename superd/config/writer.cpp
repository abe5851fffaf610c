// SPDX-License-Identifier: MIT
// Nodes without a place.
#include "superd/config/writer.hpp"

namespace superd {
namespace {

// The largest unit of which it is a whole number.
struct Unit {
  std::uint64_t size;
  const char* name;
};
constexpr Unit times[] = {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "min"}, {1000, "s"}};
constexpr Unit sizes[] = {{1ULL << 40, "T"}, {1ULL << 30, "G"}, {1ULL << 20, "M"}, {1024, "K"}};

std::string in_units(std::uint64_t value, std::span<const Unit> units, const char* smallest) {
  for (const Unit& unit : units) {
    if (value % unit.size == 0) return std::to_string(value / unit.size).append(unit.name);
  }
  return std::to_string(value).append(smallest);
}

std::shared_ptr<Node> new_node(Node::Kind kind) {
  auto node = std::make_shared<Node>();
  node->kind = kind;
  return node;
}

}  // namespace

NodePtr write_word(std::string_view word) {
  auto node = new_node(Node::Kind::word);
  node->word = word;
  return node;
}

NodePtr write_list(std::vector<NodePtr> items) {
  auto node = new_node(Node::Kind::list);
  node->items = std::move(items);
  return node;
}

NodePtr write_words(const std::vector<std::string>& words) {
  std::vector<NodePtr> items;
  for (const std::string& word : words) items.push_back(write_word(word));
  return write_list(std::move(items));
}

NodePtr write_yes_no(bool value) { return write_word(value ? "yes" : "no"); }

NodePtr write_number(std::int64_t value) { return write_word(std::to_string(value)); }

NodePtr write_octal(unsigned value) {
  std::string digits;
  for (; value != 0; value >>= 3) digits.insert(0, 1, static_cast<char>('0' + (value & 7)));
  return write_word(digits.insert(0, 1, '0'));
}

NodePtr write_duration(Milliseconds value) {
  const auto milliseconds = static_cast<std::uint64_t>(value.count());
  return write_word(milliseconds == 0 ? "0s" : in_units(milliseconds, times, "ms"));
}

NodePtr write_size(std::uint64_t value) {
  return write_word(value == 0 ? "0" : in_units(value, sizes, ""));
}

std::shared_ptr<Node> new_mapping() { return new_node(Node::Kind::mapping); }

void add_entry(Node& mapping, std::string_view key, NodePtr value) {
  if (value) mapping.entries.push_back({write_word(key), std::move(value)});
}

}  // namespace superd
