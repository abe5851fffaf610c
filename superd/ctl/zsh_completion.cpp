// SPDX-License-Identifier: MIT
// The script for zsh: specifications for its own _arguments, one set for each command.
#include <fmt/format.h>

#include "superd/ctl/commands.hpp"
#include "superd/ctl/completion.hpp"

namespace superd {
namespace {

// In the order of Means; a blank completes nothing.
constexpr std::string_view actions[] = {
    " ", "_superctl_services", "($keys)", "($service_keys)", "_files", "_files", "(bash zsh)"};

// For a specification in single quotes: a colon or bracket would end the part it stands in.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += R"('\'')";
    else if (c == ':' || c == '[' || c == ']')
      out.append("\\").append(1, c);
    else
      out += c;
  }
  return out;
}

std::string action_of(const Parameter& one) {
  const std::string_view action = actions[static_cast<std::size_t>(one.means)];
  // Words known when the script runs: double quotes, so that the variable is seen.
  const bool variable = action.find('$') != std::string_view::npos;
  return variable ? fmt::format("\"{}\"", action) : fmt::format("'{}'", action);
}

std::string option_spec(const Parameter& one) {
  const std::string help = plain(one.help);
  if (one.name == "--help") return fmt::format("'(- *)'{{-h,--help}}'[{}]'", help);
  if (one.name == "--version") return fmt::format("'(- *)--version[{}]'", help);
  if (one.value.empty()) return fmt::format("'{}[{}]'", one.name, help);
  return fmt::format("'{}=[{}]:{}:'{}", one.name, help, one.value, action_of(one));
}

std::string argument_spec(const Parameter& one, int place) {
  const bool many = one.times == Times::any || one.times == Times::at_least_once;
  const std::string where = many ? "*" : fmt::to_string(place);
  const char* colons = one.times == Times::optional ? "::" : ":";
  return fmt::format("'{}{}{}:'{}", where, colons, plain(one.name), action_of(one));
}

std::string arm(const Subcommand& command) {
  std::string text = fmt::format("    {})\n      _arguments $common", command.name);
  int place = 0;
  for (const Parameter& one : command.parameters) {
    text += " \\\n        ";
    text += one.is_option() ? option_spec(one) : argument_spec(one, ++place);
  }
  return text + "\n      ;;\n";
}

constexpr const char* beginning = R"--(#compdef superctl
# superctl's words for zsh; made by 'superctl completion zsh'.

_superctl_services() {
  local -a names
  names=(${(f)"$(superctl $socket completion services 2>/dev/null)"})
  compadd -a names
}

_superctl() {
  local curcontext=$curcontext state state_descr line
  local -a commands common socket
  local -A opt_args
  local at=${words[(I)--socket]}
  ((at && at + 1 < CURRENT)) && socket=(--socket ${(Q)words[at+1]})
)--";

constexpr const char* middle =
    R"--(  _arguments -C $common '1:command:->command' '*::argument:->argument'
  if [[ $state == command ]]; then
    _describe command commands
    return
  fi
  [[ $state == argument ]] || return
  case $line[1] in
)--";

constexpr const char* end = R"(  esac
}

_superctl "$@"
)";

std::string assignment(const std::string& name, const std::vector<std::string_view>& words) {
  return fmt::format("  local {}='{}'\n", name, joined(words));
}

}  // namespace

std::string zsh_completion() {
  std::string text = beginning;
  text += assignment("keys", all_key_names()) + assignment("service_keys", service_key_names());
  text += "  commands=(\n";
  for (const Subcommand& command : all_commands())
    text += fmt::format("    '{}:{}'\n", command.name, plain(command.help));
  text += "  )\n  common=(\n";
  for (const Parameter& one : common_options()) text += "    " + option_spec(one) + "\n";
  text += "  )\n";
  text += middle;
  for (const Subcommand& command : all_commands()) text += arm(command);
  return text + end;
}

}  // namespace superd
