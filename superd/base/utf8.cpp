// SPDX-License-Identifier: MIT
// One decoder, and what is counted with it.
#include "superd/base/utf8.hpp"

namespace superd {
namespace {

// The first byte says how many follow and which is the smallest code that needs so many.
struct Lead {
  unsigned char mask;
  unsigned char value;
  std::size_t length;
  char32_t smallest;
};
constexpr Lead leads[] = {
    {0x80, 0x00, 1, 0},
    {0xE0, 0xC0, 2, 0x80},
    {0xF0, 0xE0, 3, 0x800},
    {0xF8, 0xF0, 4, 0x10000},
};

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

Utf8Character read_character(std::string_view text, const Lead& lead) {
  if (text.size() < lead.length) return {};
  char32_t code = static_cast<unsigned char>(text[0]) & static_cast<unsigned char>(~lead.mask);
  for (std::size_t i = 1; i < lead.length; ++i) {
    if (!is_continuation(text[i])) return {};
    code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < lead.smallest || surrogate || code > 0x10FFFF) return {};
  return {code, lead.length};
}

}  // namespace

Utf8Character first_character(std::string_view text) {
  if (text.empty()) return {};
  for (const Lead& lead : leads) {
    if ((static_cast<unsigned char>(text[0]) & lead.mask) == lead.value) {
      return read_character(text, lead);
    }
  }
  return {};
}

std::size_t first_invalid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = first_character(text.substr(at)).length;
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t length = first_character(text).length;
    text.remove_prefix(length == 0 ? 1 : length);
    ++count;
  }
  return count;
}

std::string_view cut_utf8(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  // A character has at most three continuation bytes; more than that is no UTF-8 and may be cut
  // anywhere.
  for (int back = 0; back < 3 && end > 0 && is_continuation(text[end]); ++back) --end;
  return text.substr(0, is_continuation(text[end]) ? longest : end);
}

}  // namespace superd
