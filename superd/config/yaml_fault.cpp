// SPDX-License-Identifier: MIT
// A table of yaml-cpp's complaints, and the few causes that need a look at the text.
#include "superd/config/yaml_fault.hpp"

#include <algorithm>
#include <string_view>

#include "superd/base/text.hpp"

namespace superd {
namespace {

struct Explanation {
  std::string_view complaint;  // as in <yaml-cpp/exceptions.h>
  std::string_view message;
};
constexpr std::string_view misplaced = "this doesn't fit what is above it; check the indentation";
constexpr std::string_view not_a_word = "a bare word can't begin so; put it in quotes";
const Explanation explanations[] = {
    {YAML::ErrorMsg::MAP_VALUE,
     "a ':' where none can be; check the indentation, or put text that holds ': ' in quotes"},
    {YAML::ErrorMsg::MAP_KEY, misplaced},
    {YAML::ErrorMsg::BLOCK_ENTRY, misplaced},
    {YAML::ErrorMsg::END_OF_MAP, misplaced},
    {YAML::ErrorMsg::END_OF_SEQ, misplaced},
    {YAML::ErrorMsg::FLOW_END, "a ']' or '}' that nothing opens; remove it, or quote the text"},
    {YAML::ErrorMsg::EOF_IN_SCALAR, "the quotes are not closed; close them"},
    {YAML::ErrorMsg::DOC_IN_SCALAR, "the quotes are not closed before '---'; close them"},
    {YAML::ErrorMsg::UNKNOWN_TOKEN, not_a_word},
    {YAML::ErrorMsg::ALIAS_NOT_FOUND, not_a_word},
    {YAML::ErrorMsg::CHAR_IN_ALIAS, not_a_word},
    {YAML::ErrorMsg::TAB_IN_INDENTATION, "a tab in the indentation; YAML wants blanks there"},
};

std::string_view text_at(const Source& source, const YAML::Mark& mark) {
  const auto at = static_cast<std::size_t>(std::max(mark.pos, 0));
  return std::string_view(source.text).substr(std::min(at, source.text.size()));
}

// A tab in an indentation makes yaml-cpp stumble later, over something that is no fault.
std::optional<YAML::Mark> first_tab(const Source& source, int last_line) {
  std::size_t begin = 0;
  for (int line = 0; line <= last_line && begin < source.text.size(); ++line) {
    const std::size_t stop = source.text.find_first_not_of(" \t", begin);
    const std::size_t tab = source.text.find('\t', begin);
    if (tab < stop && tab != std::string::npos) {
      YAML::Mark mark;
      mark.pos = static_cast<int>(tab);
      mark.line = line;
      mark.column = static_cast<int>(tab - begin);
      return mark;
    }
    begin = source.text.find('\n', begin);
    if (begin == std::string::npos) break;
    ++begin;
  }
  return std::nullopt;
}

// `listen: [::1]:79` is a list and then too much; `listen: *:79` is an alias of ":79".
std::optional<std::string> unquoted_address(const YAML::Exception& exception,
                                            const Source& source) {
  const std::string_view text = text_at(source, exception.mark);
  const auto at = static_cast<std::size_t>(std::max(exception.mark.pos, 0));
  if (text.starts_with(':') && at > 0 && source.text[at - 1] == ']') {
    return "an address in brackets needs quotes: \"[::1]:79\"";
  }
  if (text.starts_with("*:")) {
    const std::string_view address = text.substr(0, text.find_first_of(" \t\r\n,]}"));
    return "put " + quote(address) + " in quotes: a bare * begins an alias";
  }
  return std::nullopt;
}

std::string explained(const std::string& complaint) {
  for (const Explanation& explanation : explanations) {
    if (explanation.complaint == complaint) return std::string(explanation.message);
  }
  return "this is no YAML: " + complaint;
}

bool wants_closing(const std::string& complaint) {
  return complaint == YAML::ErrorMsg::END_OF_SEQ_FLOW ||
         complaint == YAML::ErrorMsg::END_OF_MAP_FLOW;
}

}  // namespace

YamlFault explain_fault(const YAML::Exception& exception, const Source& source,
                        const std::optional<YAML::Mark>& unclosed) {
  if (const auto tab = first_tab(source, exception.mark.line)) {
    return {*tab, explained(YAML::ErrorMsg::TAB_IN_INDENTATION)};
  }
  if (auto message = unquoted_address(exception, source)) {
    return {exception.mark, std::move(*message)};
  }
  if (exception.msg == YAML::ErrorMsg::UNKNOWN_ANCHOR) {
    const std::string_view text = text_at(source, exception.mark);
    const std::string_view alias = text.substr(0, text.find_first_of(" \t\r\n,]}"));
    return {exception.mark, "nothing above has the anchor that " + quote(alias) + " refers to"};
  }
  if (unclosed && wants_closing(exception.msg)) {
    return {*unclosed, "this is not closed, or a comma is missing in it"};
  }
  return {exception.mark, explained(exception.msg)};
}

}  // namespace superd
