// SPDX-License-Identifier: MIT
// UTF-8 by the book (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace superd {

/// One character; `length` is its bytes, 0 where the text does not begin with a valid one.
struct Utf8Character {
  char32_t code = 0;
  std::size_t length = 0;
};

/// The character that `text` begins with; an empty text has none.
Utf8Character first_character(std::string_view text);

/// The byte at which `text` stops being UTF-8; npos where it never does.
std::size_t first_invalid_utf8(std::string_view text);

/// Characters (code points) in `text`; a byte that isn't UTF-8 counts as one.
std::size_t count_characters(std::string_view text);

/// The longest beginning of `text` of at most `longest` bytes that cuts no character in two.
std::string_view cut_utf8(std::string_view text, std::size_t longest);

}  // namespace superd
