// SPDX-License-Identifier: MIT
// Spelling distance, quoting and escaping.
#include "superd/base/text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "superd/base/utf8.hpp"

namespace superd {
namespace {

// Longer words are nobody's typing error, and comparing them costs the product of their lengths.
constexpr std::size_t longest_misspelt = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Edit distance with transpositions of neighbours (optimal string alignment); case doesn't count.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      current[j] =
          std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) current[j] = std::min(current[j], before[j - 2] + 1);
    }
    before = std::exchange(previous, current);
  }
  return previous[b.size()];
}

// Characters that would break a line, move a terminal's cursor or reorder what is read after them.
bool is_unsafe(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x2028 || code == 0x2029 ||
         (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

void escape_byte(std::string& out, char byte) {
  constexpr std::string_view named = "\n\r\t\\";
  constexpr std::string_view names = "nrt\\";
  constexpr std::string_view digits = "0123456789abcdef";
  out += '\\';
  if (const std::size_t at = named.find(byte); at != std::string_view::npos) {
    out += names[at];
    return;
  }
  const auto value = static_cast<unsigned char>(byte);
  out += 'x';
  out += digits[value >> 4];
  out += digits[value & 0x0F];
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates) {
  if (word.empty() || word.size() > longest_misspelt) return std::nullopt;
  const std::size_t allowed = std::max<std::size_t>(1, word.size() / 3);
  std::optional<std::string_view> best;
  std::size_t least = allowed + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > word.size() + allowed) continue;
    const std::size_t far = distance(word, candidate);
    // A word of which no letter is left is another word.
    if (far >= least || far >= std::max(word.size(), candidate.size())) continue;
    best = candidate;
    least = far;
  }
  return best;
}

std::string quote(std::string_view text, std::size_t longest) {
  const std::string_view shown = cut_utf8(text, longest);
  return "'" + escape(shown) + (shown.size() < text.size() ? "…'" : "'");
}

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  escape_to(out, text);
  return out;
}

void escape_to(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const Utf8Character character = first_character(text);
    const std::size_t length = std::max<std::size_t>(1, character.length);
    const bool plain = character.length > 0 && !is_unsafe(character.code) && text[0] != '\\';
    if (plain) {
      out += text.substr(0, length);
    } else {
      for (const char byte : text.substr(0, length)) escape_byte(out, byte);
    }
    text.remove_prefix(length);
  }
}

std::string count_of(std::size_t number, std::string_view noun) {
  std::string text = std::to_string(number) + " ";
  if (number == 1) return text.append(noun);
  if (noun.ends_with('y')) return text.append(noun.substr(0, noun.size() - 1)) + "ies";
  return text.append(noun) + (noun.ends_with('s') ? "es" : "s");
}

}  // namespace superd
