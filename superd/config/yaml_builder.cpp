// SPDX-License-Identifier: MIT
// Events to nodes, with the bounds on depth, size and repetition.
#include "superd/config/yaml_builder.hpp"

#include <algorithm>

#include "superd/base/text.hpp"
#include "superd/base/utf8.hpp"
#include "superd/config/merge_keys.hpp"
#include "superd/config/yaml.hpp"

namespace superd {
namespace {

// Counting characters instead of bytes up to a column is worth it for people's lines, not for
// megabytes.
constexpr int longest_counted_line = 4096;

bool is_flow(YAML::EmitterStyle::value style) { return style == YAML::EmitterStyle::Flow; }

}  // namespace

std::optional<YAML::Mark> YamlBuilder::unclosed() const {
  const auto innermost = std::find_if(stack_.rbegin(), stack_.rend(),
                                      [](const Open& collection) { return collection.flow; });
  if (innermost == stack_.rend()) return std::nullopt;
  return innermost->mark;
}

Place YamlBuilder::place(const YAML::Mark& mark) const {
  if (mark.is_null()) return {source_.file, 0, 0};
  int column = mark.column;
  if (column <= longest_counted_line && column <= mark.pos) {
    const auto begin = static_cast<std::size_t>(mark.pos - column);
    const auto bytes = static_cast<std::size_t>(column);
    if (begin <= source_.text.size()) {
      column =
          static_cast<int>(count_characters(std::string_view(source_.text).substr(begin, bytes)));
    }
  }
  return {source_.file, mark.line + 1, column + 1};
}

void YamlBuilder::OnDocumentStart(const YAML::Mark& mark) {
  if (in_document_) throw UnfitYaml(mark, "a second document begins here; keep one to a file");
  in_document_ = true;
}

// yaml-cpp calls both a missing value and the bare words ~ and null so. `null` is a word of ours
// (stderr: null).
void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  auto node = std::make_shared<Node>();
  node->word = written_null(mark);
  node->kind = node->word.empty() ? Node::Kind::nothing : Node::Kind::word;
  node->place = place(mark);
  add(std::move(node), mark, anchor);
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) throw UnfitYaml(mark, "this alias is inside of what it repeats");
  add(found->second, mark, YAML::NullAnchor);
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  refuse_tag(mark, tag);
  if (value.size() > longest_word) {
    throw UnfitYaml(mark, "a value of " + count_of(value.size(), "byte") + "; give at most " +
                              std::to_string(longest_word));
  }
  auto node = std::make_shared<Node>();
  node->kind = Node::Kind::word;
  node->word = value;
  node->place = place(mark);
  add(std::move(node), mark, anchor);
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                  YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
  refuse_tag(mark, tag);
  open(Node::Kind::list, mark, anchor, is_flow(style));
}

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value style) {
  refuse_tag(mark, tag);
  open(Node::Kind::mapping, mark, anchor, is_flow(style));
}

void YamlBuilder::OnMapEnd() {
  resolve_merge_keys(*stack_.back().node, report_);
  close();
}

// "?" and "!" are what yaml-cpp gives bare and quoted words without a tag.
void YamlBuilder::refuse_tag(const YAML::Mark& mark, const std::string& tag) {
  if (tag.empty() || tag == "?" || tag == "!") return;
  report_.error(place(mark), "the tag " + quote(tag) + " means nothing here; remove it");
}

void YamlBuilder::open(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor, bool flow) {
  if (stack_.size() == deepest_yaml) {
    throw UnfitYaml(mark, "more than " + std::to_string(deepest_yaml) + " levels in each other");
  }
  auto node = std::make_shared<Node>();
  node->kind = kind;
  node->place = place(mark);
  stack_.push_back({std::move(node), nullptr, anchor, mark, flow});
}

void YamlBuilder::close() {
  const Open closed = std::move(stack_.back());
  stack_.pop_back();
  add(closed.node, closed.mark, closed.anchor);
}

// Nodes are counted as often as they are seen, so that no reader visits more than most_nodes of
// them however aliases repeat each other (the "billion laughs").
void YamlBuilder::add(NodePtr node, const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
  if (stack_.empty()) {
    root_ = std::move(node);
    return;
  }
  Open& parent = stack_.back();
  parent.node->weight += node->weight;
  if (parent.node->weight > most_nodes) {
    throw UnfitYaml(mark, "more than " + std::to_string(most_nodes) +
                              " values, those that aliases repeat counted each time");
  }
  if (parent.node->kind == Node::Kind::list) {
    parent.node->items.push_back(std::move(node));
  } else {
    add_to_mapping(parent, std::move(node));
  }
}

void YamlBuilder::add_to_mapping(Open& mapping, NodePtr node) {
  if (!mapping.key) {
    mapping.key = std::move(node);
    return;
  }
  const NodePtr key = std::exchange(mapping.key, nullptr);
  if (key->kind == Node::Kind::list) {
    report_.error(key->place,
                  "a list can't be a key; an address in brackets needs quotes: \"[::1]:79\"");
  } else if (key->kind != Node::Kind::word) {
    report_.error(key->place, "a key must be a word");
  } else {
    mapping.node->entries.push_back({key, std::move(node)});
  }
}

// The mark of a missing value is that of what comes next, which may be a key that is called null.
std::string YamlBuilder::written_null(const YAML::Mark& mark) const {
  const auto at = static_cast<std::size_t>(std::max(mark.pos, 0));
  if (at >= source_.text.size()) return {};
  const std::string_view text = std::string_view(source_.text).substr(at);
  const std::string_view word = text.substr(0, text.find_first_of(": \t\r\n,]}"));
  const bool is_null = word == "null" || word == "Null" || word == "NULL";
  const bool is_key = text.substr(word.size()).starts_with(':');
  return is_null && !is_key ? std::string(word) : std::string();
}

}  // namespace superd
