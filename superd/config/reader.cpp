// SPDX-License-Identifier: MIT
// The few types that values have, and the sentences that say what is wrong with one.
#include "superd/config/reader.hpp"

#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "superd/base/text.hpp"
#include "superd/base/utf8.hpp"

namespace superd {
namespace {

std::string about(const Value& value, const std::string& message) {
  return value.subject.empty() ? message : std::string(value.subject) + ": " + message;
}

std::string shown_word(const std::string& word) {
  const std::string_view shown = cut_utf8(word, 60);
  return "\"" + escape(shown) + (shown.size() < word.size() ? "…\"" : "\"");
}

// "is "ten"", "is a list", "has no value".
std::string shown(const Node& node) {
  switch (node.kind) {
    case Node::Kind::nothing:
      return "has no value";
    case Node::Kind::list:
      return "is a list";
    case Node::Kind::mapping:
      return "is a mapping";
    case Node::Kind::word:
      break;
  }
  return "is " + (node.word.empty() ? "empty" : shown_word(node.word));
}

std::string lowercase(std::string word) {
  for (char& c : word) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return word;
}

// The parsers of base are made for words, and their errors are remedies.
template <class Parsed, class Parse>
std::optional<Parsed> parse_word(const Value& value, Parse parse) {
  const bool is_word = value.node.kind == Node::Kind::word;
  const Result<Parsed> parsed = parse(is_word ? value.node.word : std::string());
  if (parsed) return *parsed;
  say_fault(value, parsed.error().text);
  return std::nullopt;
}

}  // namespace

Value key_of(const Value& value) {
  const Node& node = value.key_node != nullptr ? *value.key_node : value.node;
  return {value.scope, value.subject, value.key, node, value.key_node};
}

void say_error(const Value& value, const std::string& message) {
  value.scope.report.error(value.node.place, about(value, message));
}

void say_warning(const Value& value, const std::string& message) {
  value.scope.report.warning(value.node.place, about(value, message));
}

void say_fault(const Value& value, const std::string& remedy) {
  const std::string key = value.key.empty() ? "this" : quote(value.key);
  // The parser places a missing value where the next thing begins, which is another line.
  const bool is_missing = value.node.kind == Node::Kind::nothing;
  say_error(is_missing ? key_of(value) : value, key + " " + shown(value.node) + "; " + remedy);
}

std::optional<std::string> read_word(const Value& value, const std::string& remedy) {
  if (value.node.kind == Node::Kind::word && !value.node.word.empty()) return value.node.word;
  say_fault(value, remedy);
  return std::nullopt;
}

std::optional<bool> read_yes_no(const Value& value) {
  const std::string word = lowercase(value.node.word);
  if (word == "yes" || word == "true" || word == "on") return true;
  if (word == "no" || word == "false" || word == "off") return false;
  say_fault(value, "give yes or no");
  return std::nullopt;
}

std::optional<std::int64_t> read_number(const Value& value, std::int64_t lowest,
                                        std::int64_t highest) {
  return parse_word<std::int64_t>(
      value, [&](const std::string& word) { return parse_number(word, lowest, highest); });
}

std::optional<Milliseconds> read_duration(const Value& value, Milliseconds shortest) {
  const auto duration =
      parse_word<Milliseconds>(value, [](const std::string& word) { return parse_duration(word); });
  if (!duration || *duration >= shortest) return duration;
  say_fault(value, "give at least " + duration_to_text(shortest));
  return std::nullopt;
}

std::optional<std::uint64_t> read_size(const Value& value, std::uint64_t highest) {
  const auto size =
      parse_word<std::uint64_t>(value, [](const std::string& word) { return parse_size(word); });
  if (!size || *size <= highest) return size;
  say_fault(value, "give at most " + size_to_text(highest));
  return std::nullopt;
}

std::optional<unsigned> read_octal(const Value& value, unsigned highest) {
  return parse_word<unsigned>(value,
                              [&](const std::string& word) { return parse_octal(word, highest); });
}

std::optional<std::size_t> read_choice(const Value& value,
                                       std::span<const std::string_view> words) {
  const auto found = std::find(words.begin(), words.end(), value.node.word);
  if (value.node.kind == Node::Kind::word && found != words.end()) {
    return static_cast<std::size_t>(found - words.begin());
  }
  say_fault(value, "give " + any_of_text(words));
  return std::nullopt;
}

std::vector<Value> read_list(const Value& value, const std::string& remedy) {
  std::vector<Value> values;
  if (value.node.kind == Node::Kind::nothing) {
    say_fault(value, remedy);
  } else if (value.node.kind != Node::Kind::list) {
    values.push_back(value);
  }
  for (const NodePtr& item : value.node.items) {
    values.push_back({value.scope, value.subject, value.key, *item});
  }
  return values;
}

std::optional<std::vector<Value>> read_mapping(const Value& value, const std::string& remedy) {
  if (value.node.kind != Node::Kind::mapping) {
    say_fault(value, remedy);
    return std::nullopt;
  }
  std::vector<Value> values;
  std::unordered_map<std::string_view, const Node*> seen;
  for (const Entry& entry : value.node.entries) {
    const auto [first, is_new] = seen.emplace(entry.key->word, entry.key.get());
    if (is_new) {
      values.push_back(
          {value.scope, value.subject, entry.key->word, *entry.value, entry.key.get()});
    } else {
      say_error({value.scope, value.subject, entry.key->word, *entry.key},
                quote(entry.key->word) + " is written twice, first at " +
                    to_text(first->second->place) + "; remove one");
    }
  }
  return values;
}

std::string absolute_path(const Scope& scope, const std::string& path) {
  return (std::filesystem::path(scope.directory) / path).lexically_normal().string();
}

std::string any_of_text(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace superd
