// SPDX-License-Identifier: MIT
// A diagnostic as text: place, message, and a caret below the line it is about.
#include "superd/config/diagnostic.hpp"

#include <algorithm>

#include "superd/base/text.hpp"
#include "superd/base/utf8.hpp"

namespace superd {
namespace {

// Wide enough for most lines, narrow enough not to wrap in a terminal of 80.
constexpr std::size_t window = 74;
constexpr std::size_t lead_in = 24;  // characters kept before the caret of a cut line

// One character of the source as it can be shown: what could move the cursor becomes a blank.
std::string shown_character(std::string_view text, std::size_t length) {
  std::string out = escape(text.substr(0, length));
  const bool escaped = out.size() != length || out[0] == '\\';
  return escaped && text[0] != '\\' ? " " : std::string(text.substr(0, length));
}

// A line as characters of one column each (wide ones are rare in a configuration, and only shift a
// caret).
std::vector<std::string> shown_characters(std::string_view line) {
  std::vector<std::string> characters;
  while (!line.empty()) {
    const std::size_t length = std::max<std::size_t>(1, first_character(line).length);
    characters.push_back(shown_character(line, length));
    line.remove_prefix(length);
  }
  return characters;
}

// The line and a caret below `column` (counted from 1), both indented by two.
std::string with_caret(std::string_view line, int column) {
  const std::vector<std::string> characters = shown_characters(line);
  const std::size_t caret =
      std::min(characters.size(), static_cast<std::size_t>(std::max(column, 1) - 1));
  const bool fits = characters.size() <= window;
  const std::size_t begin = fits || caret <= lead_in ? 0 : caret - lead_in;
  const std::size_t end = fits ? characters.size() : std::min(begin + window, characters.size());
  std::string text = begin > 0 ? "  …" : "  ";
  for (std::size_t i = begin; i < end; ++i) text += characters[i];
  if (end < characters.size()) text += "…";
  return text + "\n" + std::string(2 + (begin > 0 ? 1 : 0) + caret - begin, ' ') + "^\n";
}

}  // namespace

bool has_errors(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Severity::error;
  });
}

std::string to_line(const Diagnostic& diagnostic) {
  const bool is_warning = diagnostic.severity == Severity::warning;
  return to_text(diagnostic.place) + ": " + (is_warning ? "warning: " : "") + diagnostic.message;
}

std::string to_text(const Diagnostic& diagnostic) {
  std::string text = to_line(diagnostic) + "\n";
  if (!diagnostic.source.empty()) text += with_caret(diagnostic.source, diagnostic.place.column);
  return text;
}

std::string to_text(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& one : diagnostics) text += to_text(one);
  return text;
}

}  // namespace superd
