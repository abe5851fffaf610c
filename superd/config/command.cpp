// SPDX-License-Identifier: MIT
// Words, a look for the program where it may be, and hints where it is not.
#include "superd/config/command.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "superd/base/text.hpp"
#include "superd/base/words.hpp"

namespace superd {
namespace {

namespace fs = std::filesystem;

constexpr const char* command_form =
    "give a command: \"PROGRAM ARGUMENT …\" or [PROGRAM, ARGUMENT, …]";

std::optional<std::vector<std::string>> read_words(const Value& value) {
  std::vector<std::string> words;
  for (const NodePtr& item : value.node.items) {
    const Value word{value.scope, value.subject, value.key, *item};
    if (item->kind != Node::Kind::word) {
      say_fault(word, "give a word, \"\" for an empty one");
      return std::nullopt;
    }
    words.push_back(item->word);
  }
  return words;
}

// There is no shell, and somebody who expects one should learn it before the first client does.
void warn_of_operators(const Value& value, const std::vector<std::string>& words) {
  static constexpr std::string_view operators[] = {"|", "||", "&",  "&&",  ";",
                                                   "<", ">",  ">>", "2>&1"};
  for (const std::string& word : words) {
    if (std::find(std::begin(operators), std::end(operators), word) == std::end(operators))
      continue;
    say_warning(value, quote(value.key) + " passes " + quote(word) +
                           " to the program as it is; write [sh, -c, \"…\"] if a shell is wanted");
    return;
  }
}

std::optional<std::vector<std::string>> read_command(const Value& value) {
  if (value.node.kind == Node::Kind::list) return read_words(value);
  const auto text = read_word(value, command_form);
  if (!text) return std::nullopt;
  const auto words = split_words(*text);
  if (!words) {
    say_fault(value, words.error().text);
    return std::nullopt;
  }
  warn_of_operators(value, *words);
  return *words;
}

// Where a bare name may be, in the order of looking. A service's folder holds a program of its own
// name.
std::vector<std::string> candidates(const Scope& scope, const std::string& name) {
  std::vector<std::string> paths;
  if (!scope.services_dir.empty()) {
    paths.push_back(scope.services_dir + "/" + name);
    paths.push_back(scope.services_dir + "/" + name + "/" + name);
  }
  std::string_view rest = scope.search_path;
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    const std::string directory(rest.substr(0, colon));
    if (!directory.empty()) paths.push_back(absolute_path(scope, directory + "/" + name));
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return paths;
}

std::vector<std::string> programs_in(const std::string& directory) {
  constexpr std::size_t most = 1000;  // for a hint, no more
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (names.size() < most) names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string hint_for(const Scope& scope, const std::string& name) {
  for (const std::string& path : candidates(scope, name)) {
    const auto fault = scope.host.program_fault(path);
    const bool is_elsewhere = !fault || *fault == "no such file" ||
                              fault->find("irectory") != fault->npos;  // a service's folder
    if (!is_elsewhere) return quote(path) + ": " + *fault;
  }
  const std::vector<std::string> names = programs_in(scope.services_dir);
  const std::vector<std::string_view> views(names.begin(), names.end());
  if (const auto close = nearest(name, views)) return "did you mean " + quote(*close) + "?";
  return "install it, or give its path";
}

std::optional<std::string> find_bare(const Value& value, const std::string& name) {
  const Scope& scope = value.scope;
  for (const std::string& path : candidates(scope, name)) {
    if (!scope.host.program_fault(path)) return path;
  }
  const std::string place =
      scope.services_dir.empty()
          ? "not in PATH (" + scope.search_path + ")"
          : "neither in " + quote(scope.services_dir) + " nor in PATH (" + scope.search_path + ")";
  say_error(value, "program " + quote(name) + " is " + place + "; " + hint_for(scope, name));
  return std::nullopt;
}

std::optional<std::string> find_program(const Value& value, const std::string& name) {
  if (name.find('/') == name.npos) return find_bare(value, name);
  const std::string path = absolute_path(value.scope, name);
  const auto fault = value.scope.host.program_fault(path);
  if (!fault) return path;
  say_error(value,
            "program " + quote(path) + ": " + *fault + "; give the path of an executable file");
  return std::nullopt;
}

// Without a program after a fault, which is reported.
CommandLine read_command_line(const Value& value) {
  CommandLine command;
  const auto words = read_command(value);
  if (!words) return command;
  if (words->empty() || words->front().empty()) {
    say_fault(value, command_form);
    return command;
  }
  auto program = find_program(value, words->front());
  if (!program) return command;
  command = {std::move(*program), *words};
  // The program starts elsewhere, where a relative path would mean something else.
  std::string& first = command.arguments.front();
  if (first.find('/') != first.npos && !first.starts_with('/')) first = command.program;
  return command;
}

NodePtr write_command_line(const std::optional<CommandLine>& command) {
  if (!command) return nullptr;
  return write_words(command->arguments.empty() ? std::vector{command->program}
                                                : command->arguments);
}

}  // namespace

void read_run(const Value& value, Draft& draft) {
  draft.verb_place = value.node.place;
  draft.run = read_command_line(value);
}

NodePtr write_run(const Draft& draft) { return write_command_line(draft.run); }

void read_activate(const Value& value, Draft& draft) {
  draft.verb_place = value.node.place;
  draft.activate = read_command_line(value);
}

NodePtr write_activate(const Draft& draft) { return write_command_line(draft.activate); }

}  // namespace superd
