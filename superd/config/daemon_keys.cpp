// SPDX-License-Identifier: MIT
// The tables of `daemon` and `log`, and their readers.
#include "superd/config/daemon_keys.hpp"

#include <filesystem>

#include "superd/base/text.hpp"
#include "superd/config/control_keys.hpp"

namespace superd {
namespace {

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

void read_to(const Value& value, LogSettings& log) {
  static constexpr std::string_view words[] = {"stderr", "syslog", "journal", "a /path"};
  if (value.node.word.find('/') != std::string::npos) return read_file_target(value, log);
  const auto choice = read_choice(value, words);
  if (!choice) return;
  const auto to = static_cast<LogSettings::To>(*choice);
  if (to == LogSettings::To::journal && !value.scope.host.has_journal()) {
    return say_fault(value, "there is no journal on this machine; give stderr, syslog or a /path");
  }
  log.to = to;
}

void read_format(const Value& value, LogSettings& log) {
  static constexpr std::string_view words[] = {"text", "json", "xinetd"};
  assign(log.format, read_choice(value, words));
}

void read_level(const Value& value, LogSettings& log) {
  static constexpr std::string_view words[] = {"debug", "info", "warning", "error"};
  assign(log.level, read_choice(value, words));
}

constexpr Key<LogSettings> of_log[] = {
    {"to", read_to, "stderr | syslog | journal | PATH", "stderr", "where the log goes"},
    {"format", read_format, "text | json | xinetd", "text", "how a line looks"},
    {"level", read_level, "debug | info | warning | error", "info", "the least that is logged"},
};

void read_log(const Value& value, Daemon& daemon) {
  const Value log{value.scope, "daemon.log", value.key, value.node, value.key_node};
  read_keys(log, "give a mapping such as {to: stderr, format: text, level: info}", log_keys(),
            daemon.log);
}

void read_services_dir(const Value& value, Daemon& daemon) {
  const auto path = read_word(value, "give the directory of service programs");
  if (!path) return;
  const std::string directory = absolute_path(value.scope, *path);
  if (const auto fault = value.scope.host.directory_fault(directory)) {
    return say_error(value, "directory " + quote(directory) + ": " + *fault + "; give another");
  }
  daemon.services_dir = directory;
}

void read_instances(const Value& value, Daemon& daemon) {
  assign(daemon.instances, read_number(value, 1, 1'000'000));
}

void read_stop_after(const Value& value, Daemon& daemon) {
  assign(daemon.stop_after, read_duration(value, Milliseconds(0)));
}

constexpr Key<Daemon> of_daemon[] = {
    {"control", read_control, "PATH, none or mapping", "", "the socket that superctl asks at"},
    {"control_access", read_control_access, "mapping", "", "who may ask there"},
    {"log", read_log, "mapping", "", "where the log goes, and how it looks"},
    {"services_dir", read_services_dir, "PATH", "/usr/lib/superd/services",
     "where programs given by a bare name are looked for first"},
    {"instances", read_instances, "NUMBER", "10000",
     "programs that may run at once, of all services"},
    {"stop_after", read_stop_after, "DURATION", "30s",
     "how long running programs may take to finish when superd stops"},
};

}  // namespace

std::span<const Key<LogSettings>> log_keys() { return of_log; }
std::span<const Key<Daemon>> daemon_keys() { return of_daemon; }

}  // namespace superd
