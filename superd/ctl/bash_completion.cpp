// SPDX-License-Identifier: MIT
// The script for bash: what may follow each command, and one function that walks through the line.
// Words are compared, never expanded, for names of services come from outside.
#include <fmt/format.h>

#include "superd/ctl/commands.hpp"
#include "superd/ctl/completion.hpp"

namespace superd {
namespace {

// In the order of Means: what the function below calls them.
constexpr std::string_view kinds[] = {"word", "service", "key",  "service_key",
                                      "file", "file",    "shell"};

std::string_view kind_of(const Parameter& one) {
  return kinds[static_cast<std::size_t>(one.means)];
}

bool repeats(const Parameter& one) {
  return one.times == Times::any || one.times == Times::at_least_once;
}

// One arm of the case: its options, the kind of each argument, the kind of what repeats.
std::string arm(const Subcommand& command) {
  std::string options, valued, kinds_of, rest;
  for (const Parameter& one : command.parameters) {
    if (!one.is_option()) {
      (repeats(one) ? rest : kinds_of).append(" ").append(kind_of(one));
      continue;
    }
    options.append(" ").append(one.name);
    if (!one.value.empty()) valued += fmt::format(" [{}]={}", one.name, kind_of(one));
  }
  std::string text = fmt::format("    {})", command.name);
  if (!options.empty()) text += fmt::format(" options+='{}';", options);
  if (!valued.empty()) text += fmt::format(" valued+=({} );", valued);
  if (!kinds_of.empty()) text += fmt::format(" kinds=({} );", kinds_of);
  if (!rest.empty()) text += fmt::format(" rest={};", rest.substr(1));
  return text + " ;;\n";
}

constexpr const char* beginning =
    R"(# superctl's words for bash; made by 'superctl completion bash'.

# What may stand where, by the command; the options for all of them are there before.
_superctl_table() {
  case $1 in
)";

constexpr const char* walk = R"(  esac
}

# The words of a kind, one on each line.
_superctl_words() {
  case $1 in
    command) printf '%s\n' $commands ;;
    option) printf '%s\n' $options ;;
    service) superctl "${socket[@]}" completion services 2>/dev/null ;;
    key) printf '%s\n' $keys ;;
    service_key) printf '%s\n' $service_keys ;;
    shell) printf '%s\n' bash zsh ;;
  esac
}

_superctl() {
  local current=${COMP_WORDS[COMP_CWORD]} command= kind=command rest= place=0 expected= word i
  local options='--help --version --json --socket' kinds=() socket=()
  local -A valued=([--socket]=file)
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    if [[ $expected ]]; then
      [[ $expected != --socket ]] || socket=(--socket "$word")
      expected=
    elif [[ $word == -* ]]; then
      [[ ! ${valued[$word]:-} ]] || expected=$word
    elif [[ ! $command ]]; then
      command=$word
      _superctl_table "$command"
    else
      ((++place))
    fi
  done
  if [[ $expected ]]; then
    kind=${valued[$expected]}
  elif [[ $current == -* ]]; then
    kind=option
  elif [[ $command ]]; then
    kind=${kinds[place]:-$rest}
  fi
  COMPREPLY=()
  if [[ $kind == file ]]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
    return
  fi
  while IFS= read -r word; do
    if [[ $word == "$current"* ]]; then
      printf -v word %q "$word"
      COMPREPLY+=("$word")
    fi
  done < <(_superctl_words "$kind")
}

complete -F _superctl superctl
)";

std::string assignment(const std::string& name, const std::vector<std::string_view>& words) {
  return fmt::format("  local {}='{}'\n", name, joined(words));
}

}  // namespace

std::string bash_completion() {
  std::string text = beginning;
  std::vector<std::string_view> names;
  for (const Subcommand& command : all_commands()) {
    names.push_back(command.name);
    text += arm(command);
  }
  std::string body = walk;
  const std::string words = "_superctl_words() {\n";
  body.insert(body.find(words) + words.size(), assignment("commands", names) +
                                                   assignment("keys", all_key_names()) +
                                                   assignment("service_keys", service_key_names()));
  return text + body;
}

}  // namespace superd
