// SPDX-License-Identifier: MIT
// The table of commands, and lines read by it.
#include "superd/core/control_request.hpp"

#include <algorithm>
#include <limits>

#include "superd/base/text.hpp"
#include "superd/base/words.hpp"

namespace superd {
namespace {

constexpr std::size_t any = std::numeric_limits<std::size_t>::max();
constexpr Access read = Access::read;
constexpr Access change = Access::change;

Result<void> read_active(ControlRequest& request, const std::string&) {
  request.active = true;
  return {};
}

Result<void> read_follow(ControlRequest& request, const std::string&) {
  request.follow = true;
  return {};
}

Result<void> read_service(ControlRequest& request, const std::string& value) {
  request.service = value;
  return {};
}

Result<void> read_duration(ControlRequest& request, const std::string& value) {
  const auto duration = parse_duration(value);
  if (!duration) return duration.error();
  request.duration = *duration;
  return {};
}

Result<void> read_reason(ControlRequest& request, const std::string& value) {
  request.reason = value;
  return {};
}

Result<void> read_at(ControlRequest& request, const std::string& value) {
  const auto time = parse_local_time(value);
  if (!time) return time.error();
  request.at = *time;
  return {};
}

constexpr CommandOption status_options[] = {{"--active", "", read_active}};
constexpr CommandOption events_options[] = {{"--follow", "", read_follow},
                                            {"--service", "NAME", read_service}};
constexpr CommandOption set_options[] = {{"--for", "DURATION", read_duration}};
constexpr CommandOption ban_options[] = {{"--for", "DURATION", read_duration},
                                         {"--reason", "TEXT", read_reason}};
constexpr CommandOption explain_options[] = {{"--at", "TIME", read_at}};

constexpr CommandShape shapes[] = {
    {Command::status, "status", "[SERVICE…]", 0, any, read, read, status_options},
    {Command::ps, "ps", "[SERVICE…]", 0, any, read, read, {}},
    {Command::events, "events", "", 0, 0, read, read, events_options},
    {Command::show, "show", "[SERVICE…]", 0, any, read, read, {}},
    {Command::metrics, "metrics", "", 0, 0, read, read, {}},
    // Superd reads the file with its own rights, and its diagnostics quote it.
    {Command::diff, "diff", "[FILE]", 0, 1, read, change, {}},
    {Command::explain, "explain", "SERVICE ADDRESS", 2, 2, read, read, explain_options},
    {Command::bans, "bans", "", 0, 0, read, read, {}},
    {Command::reload, "reload", "", 0, 0, change, change, {}},
    {Command::pause, "pause", "SERVICE…", 1, any, change, change, {}},
    {Command::resume, "resume", "SERVICE…", 1, any, change, change, {}},
    {Command::stop, "stop", "SERVICE or PID", 1, 1, change, change, {}},
    {Command::set, "set", "SERVICE KEY VALUE", 3, 3, change, change, set_options},
    {Command::unset, "unset", "SERVICE [KEY]", 1, 2, change, change, {}},
    {Command::ban, "ban", "ADDRESS", 1, 1, change, change, ban_options},
    {Command::unban, "unban", "ADDRESS", 1, 1, change, change, {}},
    {Command::drain, "drain", "", 0, 0, change, change, {}},
    {Command::shutdown, "shutdown", "", 0, 0, change, change, {}},
    {Command::upgrade, "upgrade", "[PROGRAM]", 0, 1, change, change, {}},
};

template <class Row>
const Row* find(std::span<const Row> rows, std::string_view name) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

template <class Row>
std::vector<std::string_view> names_of(std::span<const Row> rows) {
  std::vector<std::string_view> names;
  for (const Row& row : rows) names.push_back(row.name);
  return names;
}

// "; did you mean 'status'?", or all there are: a person may have guessed.
std::string remedy(std::string_view word, const std::vector<std::string_view>& known) {
  if (const auto close = nearest(word, known)) return "; did you mean " + quote(*close) + "?";
  std::string all;
  for (const std::string_view name : known) all.append(all.empty() ? "" : ", ").append(name);
  return "; there is " + all;
}

Error no_such_command(const std::string& word) {
  return {"there is no command " + quote(word) + remedy(word, names_of(command_shapes()))};
}

Error no_such_option(const CommandShape& shape, const std::string& word) {
  std::string text = quote(shape.name) + " has no option " + quote(word);
  if (!shape.options.empty()) text += remedy(word, names_of(shape.options));
  return {std::move(text)};
}

Error wrong_count(const CommandShape& shape, std::size_t given) {
  const std::string takes = shape.most == 0 ? "no arguments" : std::string(shape.arguments);
  const std::string got = given == 0 ? "no argument" : count_of(given, "argument");
  return {quote(shape.name) + " takes " + takes + ", and was given " + got};
}

using Word = std::vector<std::string>::const_iterator;

// Moves `word` to the last one that it has used.
Result<void> read_option(const CommandShape& shape, Word& word, Word end, ControlRequest& request) {
  const CommandOption* option = find(shape.options, *word);
  if (!option) return no_such_option(shape, *word);
  static const std::string nothing;
  const std::string* value = &nothing;
  if (!option->value.empty()) {
    if (++word == end) {
      return Error{"give " + quote(option->name) + " a value: " + std::string(option->name) + " " +
                   std::string(option->value)};
    }
    value = &*word;
  }
  if (auto done = option->read(request, *value); !done)
    return Error{quote(option->name) + " is " + quote(*value) + "; " + done.error().text};
  return {};
}

}  // namespace

std::span<const CommandShape> command_shapes() { return shapes; }

const CommandShape& shape_of(Command command) {
  return *std::find_if(std::begin(shapes), std::end(shapes),
                       [&](const CommandShape& shape) { return shape.command == command; });
}

Result<ControlRequest> parse_control_request(std::string_view line) {
  if (line.size() > longest_control_request) return Error{"a request has at most 64 KiB"};
  if (line.find('\0') != std::string_view::npos)
    return Error{"a request is text, and this one holds a NUL byte"};
  const auto words = split_words(line);
  if (!words) return Error{"the request can't be split into words: " + words.error().text};
  if (words->empty()) return Error{"the request is empty; give a command, such as 'status'"};
  const CommandShape* shape = find(command_shapes(), words->front());
  if (!shape) return no_such_command(words->front());

  ControlRequest request;
  request.command = shape->command;
  bool has_options = true;
  for (Word word = words->begin() + 1; word != words->end(); ++word) {
    if (!has_options || !word->starts_with("--")) {
      request.arguments.push_back(*word);
    } else if (*word == "--") {
      has_options = false;
    } else if (auto done = read_option(*shape, word, words->end(), request); !done) {
      return done.error();
    }
  }
  const std::size_t given = request.arguments.size();
  if (given < shape->fewest || given > shape->most) return wrong_count(*shape, given);
  return request;
}

Access needed_access(const ControlRequest& request) {
  const CommandShape& shape = shape_of(request.command);
  return request.arguments.empty() ? shape.access : shape.access_with_arguments;
}

}  // namespace superd
