// SPDX-License-Identifier: MIT
// Plain where it can't be mistaken, in double quotes elsewhere: those of JSON, which YAML shares.
#include "superd/config/yaml_text.hpp"

#include <string_view>

#include "superd/base/text.hpp"

namespace superd {
namespace {

constexpr int block_levels = 3;  // root, `services`, a service

constexpr std::string_view letters_and_digits =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr std::string_view first_characters = "_/.";
constexpr std::string_view further_characters = "_/.:+-@=%";

bool is_one_of(char c, std::string_view others) {
  return letters_and_digits.find(c) != letters_and_digits.npos || others.find(c) != others.npos;
}

// Narrower than YAML's own rules, so that no reader has doubts.
bool is_plain(std::string_view word) {
  if (word.empty() || !is_one_of(word.front(), first_characters) || word.back() == ':') {
    return false;
  }
  for (const char c : word) {
    if (!is_one_of(c, further_characters)) return false;
  }
  return true;
}

std::string unicode_escape(unsigned code) {
  constexpr std::string_view digits = "0123456789abcdef";
  return std::string("\\u00") + digits[code >> 4] + digits[code & 15];
}

std::string in_quotes(std::string_view word) {
  std::string text = "\"";
  for (const char c : word) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (c == '\n') {
      text += "\\n";
    } else if (code < 0x20 || code == 0x7F) {
      text += unicode_escape(code);
    } else {
      text += c;
    }
  }
  return text += '"';
}

std::string yaml_word(std::string_view word) {
  return is_plain(word) ? std::string(word) : in_quotes(word);
}

// On one line: the same in YAML and JSON but for the words.
template <class WordText>
void add_flow(std::string& text, const Node& node, WordText word_text) {
  const char* separator = "";
  switch (node.kind) {
    case Node::Kind::nothing:
    case Node::Kind::word:
      text += word_text(node.word);
      break;
    case Node::Kind::list:
      text += '[';
      for (const NodePtr& item : node.items) {
        text += separator;
        add_flow(text, *item, word_text);
        separator = ", ";
      }
      text += ']';
      break;
    case Node::Kind::mapping:
      text += '{';
      for (const Entry& entry : node.entries) {
        text.append(separator).append(word_text(entry.key->word)).append(": ");
        add_flow(text, *entry.value, word_text);
        separator = ", ";
      }
      text += '}';
      break;
  }
}

void add_comment(std::string& text, const Place& place) {
  if (!place.file) return;
  text.append("  # ").append(escape(*place.file));
  if (place.line > 0) text.append(":").append(std::to_string(place.line));
}

void add_block(std::string& text, const Node& mapping, int level) {
  for (const Entry& entry : mapping.entries) {
    const Node& value = *entry.value;
    const bool is_block = value.kind == Node::Kind::mapping && !value.entries.empty();
    text.append(static_cast<std::size_t>(2 * level), ' ');
    text.append(yaml_word(entry.key->word)).append(":");
    if (is_block && level + 1 < block_levels) {
      add_comment(text, entry.key->place);
      text += '\n';
      add_block(text, value, level + 1);
    } else {
      text += ' ';
      add_flow(text, value, yaml_word);
      add_comment(text, entry.key->place);
      text += '\n';
    }
  }
}

}  // namespace

std::string yaml_text(const Node& root) {
  std::string text;
  add_block(text, root, 0);
  return text.empty() ? "{}\n" : text;
}

std::string json_text(const Node& node) {
  std::string text;
  add_flow(text, node, in_quotes);
  return text;
}

}  // namespace superd
