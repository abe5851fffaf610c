// SPDX-License-Identifier: MIT
// superd: read main() and you have seen the house. Table, sockets, background, serve.
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <exception>

#include "superd/config/load.hpp"
#include "superd/options.hpp"
#include "superd/os/daemonize.hpp"
#include "superd/os/descriptors.hpp"
#include "superd/os/hardening.hpp"
#include "superd/os/signals.hpp"
#include "superd/os/this_host.hpp"
#include "superd/server/binding.hpp"
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

void print(const Diagnostics& diagnostics) {
  for (const Diagnostic& one : diagnostics) std::fputs(to_text(one).c_str(), stderr);
}

Loaded load_table(const Options& options) {
  const ThisHost host;
  if (!options.service.listen.empty()) return load(options.service, host);
  return load(table_path(options.config), host);
}

int say_checked(const Options& options, const ServiceTable& table) {
  const bool from_file = options.service.listen.empty();
  const std::string name = from_file ? table_path(options.config) : "command line";
  std::printf("%s: %s: ok\n", name.c_str(), summary(table).c_str());
  return 0;
}

// The command line wins over the table; in the background there is no stderr.
LogSettings log_settings(const Options& options, const ServiceTable& table) {
  LogSettings log = table.daemon.log;
  if (options.log_level) log.level = *options.log_level;
  if (options.daemonize && log.to == LogSettings::To::stderr_stream)
    log.to = LogSettings::To::syslog;
  return log;
}

int serve_table(const Options& options, const ServiceTable& table) {
  const rlimit descriptors = raise_descriptor_limit();
  if (geteuid() == 0)
    if (auto closed = close_to_tracers(); !closed) return fail(closed.error());
  Bound bound = bind_all(table);
  print(bound.diagnostics);
  if (has_errors(bound.diagnostics)) return cannot_serve;

  const LogSettings log = log_settings(options, table);
  if (log.to == LogSettings::To::file)  // said while there is somebody to read it
    if (auto file = open_log_file(log.path); !file) return fail(file.error());
  std::optional<PidFile> pidfile;
  if (!options.pidfile.empty()) {
    auto claimed = PidFile::claim(options.pidfile);
    if (!claimed) return fail(claimed.error());
    pidfile.emplace(std::move(*claimed));
  }
  std::optional<Background> background;
  if (options.daemonize) {
    auto entered = Background::enter();
    if (!entered) return fail(entered.error());
    background.emplace(std::move(*entered));
  }
  if (pidfile)
    if (auto written = pidfile->write(); !written) return fail(written.error());

  auto reporter = Reporter::open(log);
  if (!reporter) return fail(reporter.error());
  Server server(table, std::move(bound.sockets), descriptors, **reporter);
  if (background) background->is_ready();
  if (server.run() > 0) {
    reporter->reset();
    pidfile.reset();
    _exit(cannot_serve);
  }
  return 0;
}

int superd_main(int argc, char** argv) {
  const auto parsed = parse_options(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const auto& options = std::get<Options>(parsed);
  fill_standard_descriptors();
  hide_inherited_descriptors();
  take_signals();
  // Else glibc learns from the large blocks of reading to keep tens of megabytes at hand.
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
  const Loaded loaded = load_table(options);
  print(loaded.diagnostics);
  if (!loaded.table) return wrong_input;
  malloc_trim(0);  // what reading took isn't needed to serve
  if (options.check) return say_checked(options, *loaded.table);
  return serve_table(options, *loaded.table);
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
