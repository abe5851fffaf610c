// SPDX-License-Identifier: MIT
// Words for people: nearest spelling, quoting, escaping what strangers supplied, counting.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace superd {

/// The candidate closest to `word` (edit distance with transpositions, at most a third of its
/// length, at least 1); absent where none is close. Ties go to the first.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates);

/// `text` in single quotes, escaped, cut with "…" after `longest` bytes: for messages.
std::string quote(std::string_view text, std::size_t longest = 60);

/// Makes text from strangers safe in a log: control characters (C1 too), DEL, backslash, bytes that
/// aren't valid UTF-8, line separators (U+2028/2029) and what reorders text (U+202A-202E,
/// U+2066-2069) become \n, \t, \r, \\ or \xNN. Printable UTF-8 passes.
std::string escape(std::string_view text);

/// Appends the same to `out`, without a string of its own.
void escape_to(std::string& out, std::string_view text);

/// "1 service", "2 services", "2 addresses", "2 entries".
std::string count_of(std::size_t number, std::string_view noun);

}  // namespace superd
