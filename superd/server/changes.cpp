// SPDX-License-Identifier: MIT
// Everything that can fail is done first.
#include "superd/server/changes.hpp"

#include <algorithm>

namespace superd {
namespace {

Diagnostic about_table(const TableSource& source, Severity severity, std::string message) {
  Place place;
  if (!source.path.empty()) place.file = std::make_shared<const std::string>(source.path);
  return {severity, place, std::move(message), {}};
}

}  // namespace

std::optional<ControlSocket> open_control(const TableSource& source, const Daemon& daemon,
                                          Diagnostics& diagnostics) {
  const auto wanted = source.control(daemon);
  if (!wanted) return std::nullopt;
  auto opened = open_control_socket(wanted->path, daemon.control);
  if (opened) return std::move(*opened);
  const auto severity = wanted->is_asked_for ? Severity::error : Severity::warning;
  const std::string rest =
      wanted->is_asked_for ? "" : "; without it superctl can't ask this superd";
  diagnostics.push_back(about_table(source, severity, opened.error().text + rest));
  return std::nullopt;
}

std::size_t ChangeOutcome::errors() const {
  return static_cast<std::size_t>(
      std::count_if(diagnostics.begin(), diagnostics.end(),
                    [](const Diagnostic& one) { return one.severity == Severity::error; }));
}

std::string ChangeOutcome::first_error() const {
  for (const Diagnostic& one : diagnostics)
    if (one.severity == Severity::error) return to_line(one);
  return {};
}

Changes::Changes(TableSource source, Roster& roster, Control& control, Runtime& runtime,
                 Daemon& settings, Readiness& readiness)
    : source_(std::move(source)),
      roster_(roster),
      control_(control),
      runtime_(runtime),
      settings_(settings),
      readiness_(readiness),
      turn_(runtime.loop),
      loading_(runtime.loop),
      telling_(runtime.loop),
      expiry_(runtime.loop) {}

awaitable<ChangeOutcome> Changes::reload(std::function<void()> begun) {
  const auto taken = co_await turn_.take();
  if (begun) begun();
  readiness_.reloading();
  auto load = source_.load;
  Loaded loaded = co_await loading_.run(std::move(load));
  ChangeOutcome outcome;
  if (loaded.table)
    outcome = install(std::move(*loaded.table), roster_.overrides(), std::move(loaded.diagnostics));
  else
    outcome.diagnostics = std::move(loaded.diagnostics);
  outcome = co_await told(std::move(outcome));
  report(outcome);
  readiness_.ready();
  co_return outcome;
}

awaitable<ChangeOutcome> Changes::compare(std::optional<std::string> file) {
  const auto taken = co_await turn_.take();
  std::function<Loaded()> load = source_.load;
  if (file) load = [&other = source_.load_other, path = *file] { return other(path); };
  Loaded loaded = co_await loading_.run(std::move(load));
  ChangeOutcome outcome{std::nullopt, std::move(loaded.diagnostics)};
  if (!loaded.table) co_return outcome;
  Overrides overrides = roster_.overrides();
  std::vector<std::string> dropped;
  const ServiceTable next = roster_.with(overrides, *loaded.table, dropped);
  outcome.change = describe(roster_.table(), next, diff(roster_.table(), next));
  co_return outcome;
}

awaitable<ChangeOutcome> Changes::edit_table(std::function<void(ServiceTable&)> edit) {
  const auto taken = co_await turn_.take();
  ServiceTable table = roster_.written();
  edit(table);
  ChangeOutcome outcome = install(std::move(table), roster_.overrides(), {});
  co_return co_await told(std::move(outcome));
}

awaitable<ChangeOutcome> Changes::override_with(std::function<void(Overrides&)> edit) {
  const auto taken = co_await turn_.take();
  Overrides overrides = roster_.overrides();
  edit(overrides);
  ChangeOutcome outcome = install(roster_.written(), std::move(overrides), {});
  co_return co_await told(std::move(outcome));
}

// To find out who holds a port takes longer than all the rest.
awaitable<ChangeOutcome> Changes::told(ChangeOutcome outcome) {
  if (outcome.unbound.empty()) co_return outcome;
  std::function<Diagnostics()> tell = [&outcome] { return to_diagnostics(outcome.unbound); };
  const Diagnostics reasons = co_await telling_.run(std::move(tell));
  outcome.diagnostics.insert(outcome.diagnostics.end(), reasons.begin(), reasons.end());
  co_return outcome;
}

ChangeOutcome Changes::install(ServiceTable table, Overrides overrides, Diagnostics diagnostics) {
  ChangeOutcome outcome{std::nullopt, std::move(diagnostics)};
  if (roster_.is_closed()) {
    outcome.diagnostics.push_back(
        about_table(source_, Severity::error, "it is too late: superd is about to end"));
    return outcome;
  }
  table.generation = roster_.table().generation + 1;
  std::vector<Inherited> none;
  Roster::Prepared prepared = roster_.prepare(std::move(table), std::move(overrides), none);
  outcome.unbound = std::move(prepared.unbound);
  const Daemon next = prepared.table.daemon;
  Replacements replacements = prepare_replacements(next, outcome.diagnostics);
  if (has_errors(outcome.diagnostics) || !outcome.unbound.empty()) return outcome;

  outcome.change = describe(roster_.table(), prepared.table, prepared.diff);
  for (const std::string& why : prepared.dropped)
    runtime_.reporter.report(Notice{LogLevel::warning, why});
  replace(std::move(replacements), next);
  roster_.commit(std::move(prepared), runtime_);
  runtime_.gate.look_again();
  watch_expiry();
  return outcome;
}

Changes::Replacements Changes::prepare_replacements(const Daemon& next, Diagnostics& diagnostics) {
  Replacements made;
  const LogSettings log = source_.log(next);
  if (log != runtime_.reporter.log().settings()) {
    auto opened = LogWriter::open(log);
    opened ? void(made.log = std::move(*opened))
           : diagnostics.push_back(about_table(source_, Severity::error, opened.error().text));
  }
  const auto wanted = source_.control(next);
  made.closes_control = !wanted;
  const bool is_there = control_.listener() >= 0 && wanted && control_.at() == wanted->path;
  if (!is_there) made.control = open_control(source_, next, diagnostics);
  return made;
}

void Changes::replace(Replacements replacements, const Daemon& next) {
  if (replacements.log) runtime_.reporter.write_to(std::move(replacements.log));
  if (replacements.closes_control) control_.stop_listening();
  if (replacements.control)
    control_.listen_on(std::move(*replacements.control));
  else if (control_.listener() >= 0 && next.control != settings_.control)
    if (auto given = control_.give(next.control); !given)
      runtime_.reporter.report(Notice{LogLevel::warning, given.error().text});
  control_.permit(next.control);
  runtime_.headroom.set_instances(next.instances);
  if (next.relay_user != settings_.relay_user) {
    const TableSource::OwnPrograms programs = source_.programs(next);
    runtime_.lookups.use(programs.lookup);
    runtime_.resender.use(programs.resend);
  }
  settings_ = next;
}

void Changes::report(const ChangeOutcome& outcome) {
  for (const Diagnostic& one : outcome.diagnostics) {
    const auto level = one.severity == Severity::error ? LogLevel::error : LogLevel::warning;
    runtime_.reporter.report(Notice{level, to_line(one)});
  }
  if (outcome.change)
    runtime_.reporter.report(to_event(*outcome.change, roster_.table().generation));
  else
    runtime_.reporter.report(ReloadRefused{outcome.errors()});
}

void Changes::watch_expiry() {
  const auto next = roster_.overrides().next_expiry();
  if (!next) {
    expiry_.cancel();
    return;
  }
  expiry_.expires_at(*next);
  expiry_.async_wait([this](const boost::system::error_code& error) {
    if (!error) spawn(runtime_.loop, "end overrides", end_expired(), runtime_.died);
  });
}

// One that can't be ended now (its port is taken meanwhile, say) is tried again in a while.
awaitable<void> Changes::end_expired() {
  const auto over = roster_.overrides().expired(Clock::now());
  std::function<void(Overrides&)> edit = [&over](Overrides& overrides) {
    for (const auto& [service, key] : over) overrides.unset(service, key);
  };
  const ChangeOutcome outcome = co_await override_with(std::move(edit));
  if (outcome.change) {
    for (const auto& [service, key] : over)
      runtime_.reporter.report(Overridden{service, key, std::nullopt, std::nullopt});
    co_return;
  }
  for (const Diagnostic& one : outcome.diagnostics)
    runtime_.reporter.report(
        Notice{LogLevel::error, "an override's time is over: " + to_line(one)});
  expiry_.expires_after(std::chrono::minutes(1));
  expiry_.async_wait([this](const boost::system::error_code& error) {
    if (!error) spawn(runtime_.loop, "end overrides", end_expired(), runtime_.died);
  });
}

}  // namespace superd
