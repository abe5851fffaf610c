// SPDX-License-Identifier: MIT
// The tables of `daemon` and `log`, and their readers.
#include "superd/config/daemon_keys.hpp"

#include <filesystem>

#include "superd/base/text.hpp"
#include "superd/config/control_keys.hpp"

namespace superd {
namespace {

const Daemon standard;

void read_file_target(const Value& value, LogSettings& log) {
  const std::string path = absolute_path(value.scope, value.node.word);
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (const auto fault = value.scope.host.directory_fault(folder)) {
    return say_error(
        value, "log directory " + quote(folder) + ": " + *fault + "; make it, or log elsewhere");
  }
  log.to = LogSettings::To::file;
  log.path = path;
}

constexpr std::string_view to_words[] = {"stderr", "syslog", "journal", "a /path"};

void read_to(const Value& value, LogSettings& log) {
  if (value.node.word.find('/') != std::string::npos) return read_file_target(value, log);
  const auto choice = read_choice(value, to_words);
  if (!choice) return;
  const auto to = static_cast<LogSettings::To>(*choice);
  if (to == LogSettings::To::journal && !value.scope.host.has_journal()) {
    return say_fault(value, "there is no journal on this machine; give stderr, syslog or a /path");
  }
  log.to = to;
}

NodePtr write_to(const LogSettings& log) {
  if (log.to == LogSettings::To::file) return write_word(log.path);
  return write_choice(to_words, log.to);
}

constexpr std::string_view format_words[] = {"text", "json", "xinetd"};

void read_format(const Value& value, LogSettings& log) {
  assign(log.format, read_choice(value, format_words));
}

NodePtr write_format(const LogSettings& log) { return write_choice(format_words, log.format); }

constexpr std::string_view level_words[] = {"debug", "info", "warning", "error"};

void read_level(const Value& value, LogSettings& log) {
  assign(log.level, read_choice(value, level_words));
}

NodePtr write_level(const LogSettings& log) {
  return write_unless(LogLevel::info, log.level, [](LogLevel level) {
    return write_word(level_words[static_cast<std::size_t>(level)]);
  });
}

constexpr Key<LogSettings> of_log[] = {
    {"to", read_to, write_to, "stderr | syslog | journal | PATH", "stderr", "where the log goes"},
    {"format", read_format, write_format, "text | json | xinetd", "text", "how a line looks"},
    {"level", read_level, write_level, "debug | info | warning | error", "info",
     "the least that is logged"},
};

void read_log(const Value& value, Daemon& daemon) {
  const Value log{value.scope, "daemon.log", value.key, value.node, value.key_node};
  read_keys(log, "give a mapping such as {to: stderr, format: text, level: info}", log_keys(),
            daemon.log);
}

NodePtr write_log(const Daemon& daemon) { return write_keys(log_keys(), daemon.log); }

void read_services_dir(const Value& value, Daemon& daemon) {
  const auto path = read_word(value, "give the directory of service programs");
  if (!path) return;
  const std::string directory = absolute_path(value.scope, *path);
  if (const auto fault = value.scope.host.directory_fault(directory)) {
    return say_error(value, "directory " + quote(directory) + ": " + *fault + "; give another");
  }
  daemon.services_dir = directory;
}

NodePtr write_services_dir(const Daemon& daemon) {
  return write_unless(standard.services_dir, daemon.services_dir, write_word);
}

void read_instances(const Value& value, Daemon& daemon) {
  assign(daemon.instances, read_number(value, 1, 1'000'000));
}

NodePtr write_instances(const Daemon& daemon) {
  return write_unless(standard.instances, daemon.instances, write_number);
}

void read_stop_after(const Value& value, Daemon& daemon) {
  assign(daemon.stop_after, read_duration(value, Milliseconds(0)));
}

NodePtr write_stop_after(const Daemon& daemon) {
  return write_unless(standard.stop_after, daemon.stop_after, write_duration);
}

void read_relay_user(const Value& value, Daemon& daemon) {
  const Host& host = value.scope.host;
  const auto name = read_word(value, "give the name or number of a user");
  if (!name) return;
  const auto account = host.user(*name);
  if (!account) return say_fault(value, "no such user; give one that exists");
  if (host.self().uid != 0 && account->uid != host.self().uid) {
    return say_fault(value, "superd runs as " + quote(host.self().name) +
                                " and only root can become another user; remove it, or start "
                                "superd as root");
  }
  if (account->uid == 0) {
    return say_fault(value, "what it runs must not have root's power; give another user");
  }
  daemon.relay_user = Identity{account->name, account->uid, account->gid, {}};
}

NodePtr write_relay_user(const Daemon& daemon) {
  return daemon.relay_user ? write_word(daemon.relay_user->user) : nullptr;
}

constexpr Key<Daemon> of_daemon[] = {
    {"control", read_control, write_control, "PATH, none or mapping", "",
     "the socket that superctl asks at"},
    {"control_access", read_control_access, write_control_access, "mapping", "",
     "who may ask there"},
    {"log", read_log, write_log, "mapping", "", "where the log goes, and how it looks"},
    {"services_dir", read_services_dir, write_services_dir, "PATH", "/usr/lib/superd/services",
     "where programs given by a bare name are looked for first"},
    {"instances", read_instances, write_instances, "NUMBER", "10000",
     "programs that may run at once, of all services"},
    {"stop_after", read_stop_after, write_stop_after, "DURATION", "30s",
     "how long running programs may take to finish when superd stops"},
    {"relay_user", read_relay_user, write_relay_user, "USER", "nobody",
     "who superd's own programs that look up names run as, where superd is root"},
};

}  // namespace

std::span<const Key<LogSettings>> log_keys() { return of_log; }
std::span<const Key<Daemon>> daemon_keys() { return of_daemon; }

}  // namespace superd
