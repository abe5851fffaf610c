// SPDX-License-Identifier: MIT
// The rows.
#include "superd/ctl/commands.hpp"

#include <algorithm>

namespace superd {
namespace {

constexpr Parameter one_service{"SERVICE", "", Means::service, Times::once, "its name"};
constexpr Parameter services{"SERVICE", "", Means::service, Times::any, "only these"};
constexpr Parameter these_services{"SERVICE", "", Means::service, Times::at_least_once, "which"};

constexpr Parameter status_parameters[] = {
    {"--active", "", Means::word, Times::optional, "only services that run or ran something"},
    services,
};
constexpr Parameter only_services[] = {services};
constexpr Parameter events_parameters[] = {
    {"--follow", "", Means::word, Times::optional, "go on with what happens, until interrupted"},
    {"--service", "NAME", Means::service, Times::optional, "only of this service"},
};
constexpr Parameter check_parameters[] = {
    {"FILE", "", Means::file, Times::optional, "default: the table that superd would read"},
};
constexpr Parameter diff_parameters[] = {
    {"FILE", "", Means::file, Times::optional, "default: the table that superd runs with"},
};
constexpr Parameter explain_parameters[] = {
    one_service,
    {"ADDRESS", "", Means::word, Times::once, "who would knock: 192.0.2.1, uid:1000, vsock:3"},
    {"--at", "TIME", Means::word, Times::optional, "not now, but then: 'Sat 23:30'"},
    {"--config", "FILE", Means::file, Times::optional, "by this table, without asking superd"},
};
constexpr Parameter ban_parameters[] = {
    {"ADDRESS", "", Means::word, Times::once, "an address or a network, such as 192.0.2.0/24"},
    {"--for", "DURATION", Means::word, Times::optional, "until it ends by itself, e.g. 1h"},
    {"--reason", "TEXT", Means::word, Times::optional, "for the log and 'superctl bans'"},
};
constexpr Parameter unban_parameters[] = {
    {"ADDRESS", "", Means::word, Times::once, "as 'superctl bans' writes it"},
};
constexpr Parameter pause_parameters[] = {these_services};
constexpr Parameter stop_parameters[] = {
    {"SERVICE|PID", "", Means::service, Times::once,
     "all handlers of a service, or one by its pid"},
};
constexpr Parameter set_parameters[] = {
    one_service,
    {"KEY", "", Means::service_key, Times::once, "a key of services, see 'superctl keys'"},
    {"VALUE", "", Means::word, Times::once, "as it would stand in the table"},
    {"--for", "DURATION", Means::word, Times::optional, "until it ends by itself, e.g. 1h"},
};
constexpr Parameter unset_parameters[] = {
    one_service,
    {"KEY", "", Means::service_key, Times::optional, "default: all that were set"},
};
constexpr Parameter upgrade_parameters[] = {
    {"PROGRAM", "", Means::program, Times::optional, "default: where superd was started from"},
};
constexpr Parameter keys_parameters[] = {
    {"KEY", "", Means::key, Times::optional, "only this one"},
};
constexpr Parameter completion_parameters[] = {
    {"SHELL", "", Means::shell, Times::once, "bash or zsh; services: names, for the scripts"},
};

constexpr Subcommand commands[] = {
    {"status", status_parameters, Needs::read, "say what superd serves and how each service fares",
     "A line for each service: where it listens, what runs now, and since superd\n"
     "started: what was started, what was refused and why, which launches failed, when\n"
     "it was last used. What was set for a while is shown below its service."},
    {"ps", only_services, Needs::read, "list the connections that are being served",
     "CPU time and memory are those of the program itself, not of its children."},
    {"events", events_parameters, Needs::read, "tell what happened lately, or happens from now on",
     "superd remembers the last 512 events."},
    {"top",
     {},
     Needs::read,
     "watch services and connections on a live screen",
     "Rates are per second, between one look and the next. Keys: Tab changes between\n"
     "services and connections, arrows or j and k select, s sorts by the next column,\n"
     "p pauses or resumes the selected service, x stops the selected connection,\n"
     "? shows help, q ends."},
    {"show", only_services, Needs::read, "print the table in force, with all defaults",
     "As YAML, what was set for a while included."},
    {"check", check_parameters, Needs::nothing, "read a table and say what is wrong with it",
     "All of it at once, with file, line and column, on the standard error."},
    {"diff", diff_parameters, Needs::read, "say what a reload would change",
     "Another FILE than the table that superd runs with needs the permission to\n"
     "change."},
    {"explain", explain_parameters, Needs::read, "say whether a visitor would be let in, and why",
     "The verdict, the rule that decides with its file and line, what would have\n"
     "decided next, and the counts of this moment. With --config there are none."},
    {"bans", {}, Needs::read, "list who is kept out of all services, why and for how long", ""},
    {"reload",
     {},
     Needs::change,
     "read the table again, and change to it if it is right",
     "All or nothing: a table with a fault changes nothing. No connection is dropped."},
    {"pause", pause_parameters, Needs::change, "stop accepting connections of services",
     "New ones wait in the kernel's backlog; those that are served go on."},
    {"resume", pause_parameters, Needs::change, "accept connections of paused services again", ""},
    {"stop", stop_parameters, Needs::change, "end the handlers of a service, or one handler",
     "As stop_signal and stop_grace of the service say. The service goes on to listen."},
    {"set", set_parameters, Needs::change, "change a key of a service for a while",
     "It holds until unset, until superd ends, or as long as --for says; a reload\n"
     "keeps it."},
    {"unset", unset_parameters, Needs::change, "take back what was set", ""},
    {"ban", ban_parameters, Needs::change, "keep a network out of all services",
     "It outlives reloads, upgrades and restarts of superd. Whoever is in stays in:\n"
     "'superctl stop' ends that."},
    {"unban", unban_parameters, Needs::change, "let a banned network in again", ""},
    {"drain",
     {},
     Needs::change,
     "listen no more, let handlers finish, and end superd",
     "Like the signal TERM; daemon.stop_after bounds it."},
    {"shutdown",
     {},
     Needs::change,
     "stop all handlers and end superd",
     "Like the signal TERM given twice."},
    {"upgrade", upgrade_parameters, Needs::change, "replace superd by another version of itself",
     "Without closing a socket or ending a handler. If the new program can't take\n"
     "over, the running one goes on."},
    {"metrics", {}, Needs::read, "print counts and gauges as OpenMetrics", ""},
    {"keys", keys_parameters, Needs::nothing, "list what can be written in a table",
     "For each key its section, its form, what it means and what holds without it."},
    {"completion", completion_parameters, Needs::nothing,
     "print a script that completes superctl's words in a shell",
     "bash: put it in /usr/share/bash-completion/completions/superctl.\n"
     "zsh: in a folder of $fpath, as _superctl."},
};

constexpr Parameter options[] = {
    {"--help", "", Means::word, Times::optional, "print this and end"},
    {"--version", "", Means::word, Times::optional, "print the version and end"},
    {"--json", "", Means::word, Times::optional, "print JSON, as superd answers it"},
    {"--socket", "PATH", Means::file, Times::optional, "superd's control socket"},
};

}  // namespace

std::span<const Subcommand> all_commands() { return commands; }

std::span<const Parameter> common_options() { return options; }

const Subcommand* find_command(std::string_view name) {
  const auto found = std::find_if(std::begin(commands), std::end(commands),
                                  [&](const Subcommand& command) { return command.name == name; });
  return found == std::end(commands) ? nullptr : found;
}

std::string synopsis(const Subcommand& command) {
  std::string text(command.name);
  for (const Parameter& one : command.parameters) {
    std::string word(one.name);
    if (!one.value.empty()) word.append(" ").append(one.value);
    if (one.times == Times::any || one.times == Times::at_least_once) word += " ...";
    const bool needed = one.times == Times::once || one.times == Times::at_least_once;
    text += needed ? " " + word : " [" + word + "]";
  }
  return text;
}

}  // namespace superd
