// SPDX-License-Identifier: MIT
// Quoting, the other way round than base/words.
#include "superd/ctl/request.hpp"

#include <algorithm>

#include "superd/base/text.hpp"

namespace superd {
namespace {

constexpr std::size_t longest_line = 64 * 1024;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_./:@%+=,").find(c) != std::string_view::npos;
}

// In single quotes nothing means anything but the quote itself, which goes outside: 'it'\''s'.
std::string quoted(const std::string& word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return word;
  std::string text = "'";
  for (const char c : word) {
    if (c == '\'')
      text += R"('\'')";
    else
      text += c;
  }
  return text + "'";
}

}  // namespace

bool Request::has(std::string_view option) const {
  return std::find(options.begin(), options.end(), option) != options.end();
}

std::vector<std::string> request_words(const Request& request) {
  std::vector<std::string> words{std::string(request.command->name)};
  words.insert(words.end(), request.options.begin(), request.options.end());
  const bool ambiguous =
      std::any_of(request.arguments.begin(), request.arguments.end(),
                  [](const std::string& argument) { return argument.starts_with("--"); });
  if (ambiguous) words.emplace_back("--");
  words.insert(words.end(), request.arguments.begin(), request.arguments.end());
  return words;
}

Result<std::string> request_line(std::span<const std::string> words) {
  std::string line;
  for (const std::string& word : words) {
    if (word.find_first_of(std::string_view("\n\0", 2)) != std::string::npos)
      return Error{quote(word) + " has a line end in it, which can't be sent"};
    if (!line.empty()) line += ' ';
    line += quoted(word);
  }
  line += '\n';
  if (line.size() > longest_line) return Error{"that is more than the 64K that superd reads"};
  return as_result(std::move(line));
}

}  // namespace superd
