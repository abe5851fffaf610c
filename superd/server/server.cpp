// SPDX-License-Identifier: MIT
// One loop, one thread. Signals are read like everything else.
#include "superd/server/server.hpp"

#include <csignal>
#include <stdexcept>

#include "superd/base/text.hpp"
#include "superd/core/open_metrics.hpp"
#include "superd/os/notify_socket.hpp"
#include "superd/os/process_usage.hpp"
#include "superd/server/handover.hpp"

namespace superd {
namespace {

// What the kernel may take to end a killed process; one stuck in a dead disk is left to it.
constexpr std::chrono::seconds after_kill{5};

int signal_source() {
  auto fd = signal_descriptor();
  if (!fd) throw std::runtime_error(fd.error().text);
  return fd->release();
}

TaskDied tell_of_bugs(Reporter& reporter) {
  return [&reporter](const char* task, const std::string& why) {
    reporter.report(
        Notice{LogLevel::error, "a bug: the task '" + std::string(task) + "' died: " + why});
  };
}

}  // namespace

Server::Server(Beginning beginning)
    : user_(std::move(beginning.user)),
      table_(beginning.source.path),
      descriptors_(beginning.descriptors),
      reporter_(beginning.reporter),
      roster_(beginning.roster),
      died_(tell_of_bugs(reporter_)),
      settings_(beginning.first.table.daemon),
      headroom_(loop_, reporter_, settings_.instances),
      gate_(loop_, reporter_, metrics_),
      supervisor_(loop_),
      lookups_({loop_, reporter_, supervisor_, logs_, died_},
               beginning.source.programs(settings_).lookup),
      relays_({{loop_, reporter_, supervisor_, logs_, died_},
               headroom_,
               sessions_,
               lookups_,
               beginning.source.relay(settings_)}),
      resender_({loop_, reporter_, supervisor_, logs_, died_},
                beginning.source.programs(settings_).resend),
      warm_({loop_, reporter_, supervisor_, logs_, died_},
            own_program(beginning.invocation.program, "superd-warm")),
      clients_(loop_),
      notes_(loop_),
      signals_(loop_, signal_source()),
      runtime_{loop_,   reporter_, headroom_, gate_,    supervisor_, lookups_,
               relays_, resender_, warm_,     clients_, sessions_,   logs_,
               notes_,  died_,     0,         false,    {},          {}},
      late_binding_(roster_, runtime_),
      registrar_({loop_, reporter_, supervisor_, logs_, died_}, roster_,
                 [this, make = beginning.source.programs] { return make(settings_).rpc; }),
      interface_watch_(roster_, runtime_),
      ban_store_(loop_, reporter_, gate_, died_, std::move(beginning.bans_file)),
      readiness_(reporter_, [this] { return status_line(); }),
      administration_(roster_, runtime_, metrics_, life()),
      control_(loop_, administration_, feed_, died_),
      changes_(std::move(beginning.source), roster_, control_, runtime_, settings_, readiness_),
      list_watch_(loop_, reporter_, roster_, changes_),
      upgrade_(std::move(beginning.invocation), changes_, roster_, control_, runtime_, descriptors_,
               [this](SavedState& state) {
                 state.started = started_;
                 state.metrics = current_metrics().save();
                 state.rates = gate_.ledger().save(Clock::now());
                 state.closed_doors = gate_.closed_doors();
                 state.bans_are_kept = ban_store_.are_kept();
                 state.bans = ban_store_.text();
                 state.registrations = registrar_.held();
               }) {
  administration_.make_changes_through(changes_);
  if (beginning.saved)  // before anybody counts
    if (auto metrics = Metrics::restored(beginning.saved->metrics)) metrics_ = std::move(*metrics);
  reporter_.tell([this](const Event& event) {
    metrics_.observe(event, std::chrono::system_clock::now());
    feed_.publish(event);
  });
  roster_.when_sockets_changed([this] { registrar_.look(); });
  gate_.tell_of_bans([this] { ban_store_.changed(); });
  if (beginning.saved)
    ban_store_.go_on_with(beginning.saved->bans, beginning.saved->bans_are_kept);
  else
    ban_store_.restore();
  roster_.commit(std::move(beginning.first), runtime_);
  control_.permit(settings_.control);
  if (beginning.control) control_.listen_on(std::move(*beginning.control));
  if (beginning.saved) go_on(std::move(*beginning.saved));
}

Server::~Server() {
  reporter_.forget_followers();
  roster_.tell_nobody();
  roster_.let_go();
}

void Server::go_on(SavedState saved) {
  started_ = saved.started;
  if (auto restored = gate_.ledger().restore(saved.rates, Clock::now()); !restored)
    reporter_.report(Notice{LogLevel::warning, "rates begin anew: " + restored.error().text});
  gate_.keep_closed(saved.closed_doors);
  go_on_with(saved, roster_, descriptors_, runtime_);
  registrar_.go_on_with(saved.registrations);
  reporter_.report(Upgraded{saved.version, SUPERD_VERSION});
  if (saved.asked_by >= 0)
    control_.reply_to(UniqueFd(saved.asked_by), upgraded(saved.version, SUPERD_VERSION));
  for (const int client : saved.fresh_clients) control_.go_on_with(UniqueFd(client));
  for (const int client : saved.unanswered_clients)
    control_.reply_to(UniqueFd(client),
                      failure(ControlFault::failed, "superd was upgraded meanwhile; ask again"));
}

Life Server::life() {
  return {
      [this] {
        if (terminations_ == 0) end_sooner();
      },
      [this] {
        while (terminations_ < 2) end_sooner();
      },
      [this](std::string program, int asked_by) { return upgrade(std::move(program), asked_by); },
      [this] {
        return DaemonStatus{user_, table_, started_, terminations_ > 0};
      },
      [this] { return metrics_text(); }};
}

std::size_t Server::run() {
  spawn(loop_, "follow signals", follow_signals(), died_);
  spawn(loop_, "tell the service manager", readiness_.stay_alive(), died_);
  spawn(loop_, "watch lists of rules", list_watch_.follow(), died_);
  changes_.watch_expiry();
  supervisor_.look_for_ended();  // whoever ended while one superd replaced another
  reporter_.report(Ready{roster_.services(), roster_.listeners()});
  readiness_.ready();
  loop_.run();
  for (HandlerLog* log : logs_) log->drain();
  reporter_.report(Stopped{});
  return headroom_.running();
}

awaitable<void> Server::follow_signals() {
  for (;;) {
    const bool more = co_await readable(signals_);
    if (!more) co_return;
    for (const ArrivedSignal& one : arrived_signals(signals_.native_handle())) obey(one);
  }
}

void Server::obey(const ArrivedSignal& signal) {
  switch (signal.number) {
    case SIGCHLD:
      return supervisor_.learn_of_end(signal.child);
    case SIGTERM:
    case SIGINT:
      return end_sooner();
    case SIGHUP:
      reopen_log();
      if (!std::exchange(reload_waits_, true)) spawn(loop_, "reload", reload(), died_);
      return;
    case SIGUSR1:
      return reopen_log();
    case SIGUSR2:
      return spawn(loop_, "upgrade", upgrade_unasked(), died_);
    default:
      reporter_.report(
          Notice{LogLevel::warning, signal_name(signal.number) + ": superd has no use for it"});
  }
}

void Server::reopen_log() {
  const auto reopened = reporter_.log().reopen();
  if (!reopened)
    reporter_.report(Notice{LogLevel::error, reopened.error().text + "; the old one goes on"});
  else if (*reopened)
    reporter_.report(Notice{LogLevel::info, "log file opened anew"});
}

// A HUP that comes while a table is being read is a reload of its own, since the files may have
// changed. Two that wait are one.
awaitable<void> Server::reload() {
  std::function<void()> begun = [this] { reload_waits_ = false; };
  co_await changes_.reload(std::move(begun));
}

awaitable<void> Server::upgrade_unasked() {
  std::string itself;
  co_await upgrade(std::move(itself), -1);
}

awaitable<std::string> Server::upgrade(std::string program, int asked_by) {
  std::string refused = "superd is about to end";
  if (terminations_ == 0) refused = co_await upgrade_.become_next(std::move(program), asked_by);
  reporter_.report(UpgradeRefused{refused});
  co_return refused;
}

// The first asks to finish, the second to stop, the third doesn't ask.
void Server::end_sooner() {
  ++terminations_;
  if (terminations_ == 1) spawn(loop_, "drain", drain(), died_);
  if (terminations_ == 2) headroom_.idle().ring();
  if (terminations_ >= 3) supervisor_.kill_all();
}

awaitable<void> Server::drain() {
  reporter_.report(Draining{headroom_.running(), settings_.stop_after});
  readiness_.stopping(settings_.stop_after + longest_grace() + after_kill +
                      Registrar::longest_finish);
  headroom_.close();
  if (NotifySocket::is_there()) roster_.keep_paths();  // the manager has the sockets still
  roster_.close();
  warm_.close();
  const auto deadline = Clock::now() + settings_.stop_after;
  while (headroom_.running() > 0 && Clock::now() < deadline && terminations_ < 2)
    co_await headroom_.idle().sleep_until(deadline);
  co_await registrar_.finish();
  co_await stop_handlers();
  co_await control_.end();
  ban_store_.finish();
  loop_.stop();
}

awaitable<void> Server::stop_handlers() {
  runtime_.is_stopping = true;
  lookups_.close();
  relays_.close();
  resender_.close();
  supervisor_.stop_all(Stop::shutdown);
  for (Alarm* held : runtime_.held) held->ring();
  const auto deadline = Clock::now() + longest_grace() + after_kill;
  while (headroom_.running() > 0 && Clock::now() < deadline)
    co_await headroom_.idle().sleep_until(deadline);
  // Whoever is still being asked about goes now, for no answer comes any more, nor their turn; and
  // so do superd's own programs. What tasks hold must not outlast the loop.
  while ((!runtime_.asked_about.empty() || !supervisor_.is_idle()) && Clock::now() < deadline)
    co_await sleep_for(Milliseconds(1));
}

Milliseconds Server::longest_grace() const {
  Milliseconds longest{0};
  for (const Session& session : sessions_.all())
    longest = std::max(longest, session.handler->process()->stop_grace);
  return longest;
}

std::string Server::status_line() const {
  const std::string verb = terminations_ > 0 ? "draining, " : "serving, ";
  return verb + count_of(roster_.services(), "service") + ", " +
         count_of(roster_.listeners(), "listener") + ", " +
         count_of(headroom_.running(), "connection");
}

Metrics& Server::current_metrics() {
  metrics_.take({supervisor_.latencies(), reporter_.dropped_lines()});
  return metrics_;
}

std::string Server::metrics_text() {
  const OwnUsage usage = own_usage();
  return to_open_metrics(
      current_metrics(),
      {SUPERD_VERSION, started_, std::chrono::system_clock::now(), roster_.services(),
       roster_.listeners(), headroom_.paused().has_value(), usage.process.cpu,
       usage.process.resident_memory, usage.open_descriptors, usage.descriptor_limit});
}

}  // namespace superd
