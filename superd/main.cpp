// SPDX-License-Identifier: MIT
// superd: read main() and you have seen the house. Table, sockets, background, serve.
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>

#include "superd/config/load.hpp"
#include "superd/core/relay_user.hpp"
#include "superd/options.hpp"
#include "superd/os/control_path.hpp"
#include "superd/os/daemonize.hpp"
#include "superd/os/descriptors.hpp"
#include "superd/os/hardening.hpp"
#include "superd/os/inherited_sockets.hpp"
#include "superd/os/notify_socket.hpp"
#include "superd/os/signals.hpp"
#include "superd/os/state_file.hpp"
#include "superd/os/this_host.hpp"
#include "superd/server/handover.hpp"
#include "superd/server/server.hpp"
#include "superd/table_path.hpp"

namespace superd {
namespace {

constexpr int cannot_serve = 1;
constexpr int wrong_input = 2;

int fail(const Error& error) {
  std::fprintf(stderr, "superd: %s\n", error.text.c_str());
  return cannot_serve;
}

void print(const Diagnostics& diagnostics) { std::fputs(to_text(diagnostics).c_str(), stderr); }

// Relative paths begin where superd was started, wherever it goes later.
std::string absolute(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  return error ? path : whole.lexically_normal().string();
}

bool has_table(const Options& options) { return options.service.listen.empty(); }

// The command line wins over the table; in the background there is no stderr.
LogSettings log_settings(const Options& options, const Daemon& daemon) {
  LogSettings log = daemon.log;
  if (options.log_level) log.level = *options.log_level;
  if (options.daemonize && log.to == LogSettings::To::stderr_stream)
    log.to = LogSettings::To::syslog;
  return log;
}

// A program served without a table is asked nothing, unless somebody wants to.
std::optional<TableSource::Control> control_place(const Options& options, const Daemon& daemon) {
  if (options.control == "none" || (options.control.empty() && !daemon.control.enabled))
    return std::nullopt;
  if (!options.control.empty()) return TableSource::Control{options.control, true};
  if (daemon.control.path) return TableSource::Control{*daemon.control.path, true};
  const auto standard = has_table(options) ? default_control_path() : std::nullopt;
  if (!standard) return std::nullopt;
  return TableSource::Control{*standard, false};
}

// A machine without a nobody has its number all the same: never as root.
TableSource::OwnPrograms own_programs(const Daemon& daemon, const Host& host,
                                      const std::string& superd, const rlimit& descriptors) {
  const std::optional<Identity> no_account(Identity{"65534", 65534, 65534, {}});
  const auto known = relay_identity(daemon, host);
  const auto& identity = known ? *known : no_account;
  return {lookup_handler(own_program(superd, "superd-lookup"), identity, descriptors),
          own_handler(own_program(superd, "superd-resend"), identity, descriptors),
          rpc_handler(own_program(superd, "superd-rpc"), identity, descriptors)};
}

TableSource table_source(const Options& options, const Host& host) {
  TableSource source;
  if (has_table(options)) source.path = absolute(table_path(options.config));
  source.load = [&options, &host, path = source.path] {
    return has_table(options) ? load(path, host) : load(options.service, host);
  };
  source.load_other = [&host](const std::string& path) { return load(path, host); };
  source.log = [&options](const Daemon& daemon) { return log_settings(options, daemon); };
  source.control = [&options](const Daemon& daemon) { return control_place(options, daemon); };
  return source;
}

// Whoever checks a file reads the name that was given.
Loaded load_to_check(const Options& options, const TableSource& source, const Host& host) {
  return has_table(options) ? load(table_path(options.config), host) : source.load();
}

int say_checked(const Options& options, const ServiceTable& table) {
  const std::string name = has_table(options) ? table_path(options.config) : "command line";
  std::printf("%s: %s: ok\n", name.c_str(), summary(table).c_str());
  return 0;
}

int prove_upgrade() {
  const auto state = state_to_check();
  if (!state) return fail(state.error());
  std::fprintf(stderr, "%s%s\n", proof_of_upgrade, SUPERD_VERSION);
  return 0;
}

// From a superd that this one replaces, or from a service manager.
std::vector<Inherited> inherited_sockets(std::optional<SavedState>& saved) {
  if (saved) return inherited_listeners(*saved);
  std::vector<Inherited> all;
  for (InheritedSocket& one : take_inherited_sockets()) {
    auto address = bound_address_of(one.socket.get());
    if (address)
      all.push_back({std::move(one.socket), *address, one.name});
    else
      std::fprintf(stderr, "superd: warning: the inherited socket '%s' isn't used: %s\n",
                   one.name.c_str(), address.error().text.c_str());
  }
  return all;
}

void warn_of_unclaimed(const std::vector<Inherited>& sockets) {
  for (const Inherited& one : sockets) {
    std::fprintf(stderr,
                 "superd: warning: no service listens on %s: the inherited socket '%s' is closed\n",
                 to_text(one.address).c_str(), one.name.c_str());
    NotifySocket::forget(one.socket.get());  // else whoever connects would wait for ever
  }
}

std::optional<ControlSocket> control_socket(const TableSource& source, const Daemon& daemon,
                                            const std::optional<SavedState>& saved,
                                            Diagnostics& diagnostics) {
  const auto wanted = source.control(daemon);
  if (saved && saved->control >= 0 && wanted && wanted->path == saved->control_path)
    if (auto adopted = adopt_control_socket(UniqueFd(saved->control), wanted->path))
      return std::move(*adopted);
  return open_control(source, daemon, diagnostics);
}

// A program that is served without a table keeps nothing.
std::string bans_file(const Options& options) {
  const auto directory = has_table(options) ? default_state_directory() : std::nullopt;
  return directory ? *directory + "/bans.json" : "";
}

int serve_table(const Options& options, const Invocation& invocation, const Host& host,
                TableSource source, ServiceTable table, std::optional<SavedState> saved) {
  rlimit descriptors = raise_descriptor_limit();
  if (saved) descriptors = saved->descriptors;
  if (geteuid() == 0)
    if (auto closed = close_to_tracers(); !closed) return fail(closed.error());

  auto inherited = inherited_sockets(saved);
  Roster roster(host, descriptors);
  source.programs = [&host, &descriptors, &invocation](const Daemon& settings) {
    return own_programs(settings, host, invocation.program, descriptors);
  };
  table.generation = saved ? saved->generation + 1 : 1;
  if (saved) roster.remember_paused(saved->paused);
  auto first = roster.prepare(std::move(table), saved ? saved->overrides : Overrides(), inherited);
  warn_of_unclaimed(inherited);
  inherited.clear();
  const Daemon& daemon = first.table.daemon;
  Diagnostics diagnostics = to_diagnostics(first.unbound);
  auto control = control_socket(source, daemon, saved, diagnostics);
  print(diagnostics);
  if (has_errors(diagnostics)) return cannot_serve;

  const LogSettings log = log_settings(options, daemon);
  if (log.to == LogSettings::To::file)  // said while there is somebody to read it
    if (auto file = open_log_file(log.path); !file) return fail(file.error());
  std::optional<PidFile> pidfile;
  if (!options.pidfile.empty()) {
    auto claimed = PidFile::claim(options.pidfile);
    if (!claimed) return fail(claimed.error());
    pidfile.emplace(std::move(*claimed));
  }
  std::optional<Background> background;
  if (options.daemonize && !saved) {
    auto entered = Background::enter();
    if (!entered) return fail(entered.error());
    background.emplace(std::move(*entered));
    NotifySocket::main_pid(getpid());
  }
  if (options.daemonize && saved)
    if (auto home = Background::go_home(); !home) return fail(home.error());
  if (pidfile)
    if (auto written = pidfile->write(); !written) return fail(written.error());

  auto writer = LogWriter::open(log);
  if (!writer) return fail(writer.error());
  auto reporter = std::make_unique<Reporter>(std::move(*writer));
  Server server({std::move(source), invocation, host.self().name, bans_file(options), descriptors,
                 roster, std::move(first), std::move(control), std::move(saved), *reporter});
  if (background) background->is_ready();
  if (server.run() > 0) {
    reporter.reset();
    pidfile.reset();
    _exit(cannot_serve);
  }
  return 0;
}

int superd_main(int argc, char** argv) {
  auto parsed = parse_options(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  auto& options = std::get<Options>(parsed);
  if (!options.control.empty() && options.control != "none")
    options.control = absolute(options.control);
  fill_standard_descriptors();
  hide_inherited_descriptors();
  take_signals();
  auto saved = take_saved_state();
  if (!saved) return fail(saved.error());
  const ThisHost host;
  const Invocation invocation = this_invocation(argc, argv);
  TableSource source = table_source(options, host);
  // Else glibc learns from the large blocks of reading to keep tens of megabytes at hand.
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
  Loaded loaded = options.check ? load_to_check(options, source, host) : source.load();
  if (!loaded.table) loaded = load_to_check(options, source, host);  // the same in the same words
  print(loaded.diagnostics);
  if (!loaded.table) return wrong_input;
  malloc_trim(0);  // what reading took isn't needed to serve
  if (options.check) return say_checked(options, *loaded.table);
  if (options.check_upgrade) return prove_upgrade();
  return serve_table(options, invocation, host, std::move(source), std::move(*loaded.table),
                     std::move(*saved));
}

}  // namespace
}  // namespace superd

int main(int argc, char** argv) {
  try {
    return superd::superd_main(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "superd: a bug: %s\n", e.what());
    return superd::cannot_serve;
  }
}
