// SPDX-License-Identifier: MIT
// What both shells share: the words.
#include "superd/ctl/completion.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "superd/base/text.hpp"
#include "superd/config/keys.hpp"
#include "superd/config/override.hpp"
#include "superd/ctl/conversation.hpp"
#include "superd/ctl/json.hpp"

namespace superd {
namespace {

using namespace std::chrono_literals;

}  // namespace

Result<std::string> completion_script(const std::string& shell) {
  if (shell == "bash") return as_result(bash_completion());
  if (shell == "zsh") return as_result(zsh_completion());
  return Error{"there is no completion for " + quote(shell) + "; give bash or zsh", EINVAL};
}

std::vector<std::string_view> service_key_names() {
  const auto keys = keys_to_override();
  return {keys.begin(), keys.end()};
}

std::vector<std::string_view> all_key_names() {
  std::vector<std::string_view> names;
  for (const KeyHelp& key : all_keys()) {
    if (std::find(names.begin(), names.end(), key.name) == names.end()) names.push_back(key.name);
  }
  return names;
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

std::string service_names(const std::string& socket) {
  const std::string words[] = {"status"};
  auto conversation = Conversation::open(socket, words, 1s);
  if (!conversation) return {};
  const auto line = conversation->next_line(1s);
  const auto answer = line && *line ? parse_object(**line) : std::nullopt;
  std::string names;
  if (!answer) return names;
  for (const Json& service : member(*answer, "services")) {
    const std::string name = text_of(service, "name");
    if (!name.empty() && escape(name) == name) names.append(name).append("\n");
  }
  return names;
}

}  // namespace superd
