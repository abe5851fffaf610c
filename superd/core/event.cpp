// SPDX-License-Identifier: MIT
// Events as a person reads them: "service 'hello': ended pid=4711 peer=… exit=0 duration=12ms".
#include "superd/core/event.hpp"

#include <sys/wait.h>

#include <fmt/format.h>

#include "superd/base/overloaded.hpp"
#include "superd/base/result.hpp"
#include "superd/base/text.hpp"

namespace superd {
namespace {

std::string run_to_text(const Run& run) {
  return fmt::format("pid={} peer={} connection={}", run.pid, to_text(run.peer), run.connection);
}

std::string how_it_ended(const Exit& exit) {
  std::string text = WIFSIGNALED(exit.status) ? "signal=" + signal_name(WTERMSIG(exit.status))
                                              : fmt::format("exit={}", WEXITSTATUS(exit.status));
  text += fmt::format(" duration={} cpu={} memory{}{}", duration_to_text(exit.duration),
                      duration_to_text(exit.cpu), exit.peak_is_bound ? "<=" : "=",
                      size_to_text(exit.peak_memory));
  if (exit.stop != Stop::none) text += fmt::format(" stopped={}", name_of(exit.stop));
  return text;
}

std::string how_it_ended(const ForwardEnded& e) {
  std::string text = e.how.upstream.empty() ? "" : "to=" + escape(e.how.upstream) + " ";
  text += fmt::format("end={} in={} out={} duration={}", name_of(e.how.end), e.how.bytes_in,
                      e.how.bytes_out, duration_to_text(e.duration));
  if (e.how.error != 0) text += " error=" + quote(errno_text(e.how.error));
  if (e.stop != Stop::none) text += fmt::format(" stopped={}", name_of(e.stop));
  return text;
}

std::string of_service(const std::string& name, std::string_view what) {
  return fmt::format("service '{}': {}", name, what);
}

std::string override_to_text(const Overridden& e) {
  if (!e.value) return fmt::format("override of '{}' ended", e.key);
  const std::string time = e.lasts ? " for " + duration_to_text(*e.lasts) : "";
  return fmt::format("'{}' is overridden: {}{}", e.key, escape(*e.value), time);
}

std::string of_daemon(std::string_view what) { return fmt::format("superd: {}", what); }

std::string ban_to_text(const Banned& e) {
  const std::string what = fmt::format("banned {} for {}: {}", to_text(e.network),
                                       duration_to_text(e.lasts), escape(e.reason));
  return e.service.empty() ? of_daemon(what) : of_service(e.service, what);
}

}  // namespace

LogLevel level_of(const Event& event) {
  return std::visit(Overloaded{[](const LaunchFailed&) { return LogLevel::error; },
                               [](const ForwardEnded& e) {
                                 return is_fault(e.how.end) ? LogLevel::warning : LogLevel::info;
                               },
                               [](const Paused&) { return LogLevel::warning; },
                               [](const LinesDropped&) { return LogLevel::warning; },
                               [](const ReloadRefused&) { return LogLevel::error; },
                               [](const UpgradeRefused&) { return LogLevel::error; },
                               [](const Notice& notice) { return notice.level; },
                               [](const auto&) { return LogLevel::info; }},
                    event);
}

const char* name_of(Stop stop) {
  switch (stop) {
    case Stop::none:
      return "";
    case Stop::timeout:
      return "timeout";
    case Stop::client_gone:
      return "client-gone";
    case Stop::administrator:
      return "administrator";
    case Stop::shutdown:
      return "shutdown";
    case Stop::idle:
      return "idle";
    case Stop::start_timeout:
      return "start-timeout";
  }
  return "";
}

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name ? name : fmt::format("SIG{}", number);
}

std::string to_text(const Event& event) {
  return std::visit(
      Overloaded{
          [](const Listening& e) { return of_service(e.service, "listening on " + e.address); },
          [](const StoppedListening& e) {
            return of_service(e.service, "no longer listening on " + e.address);
          },
          [](const Started& e) {
            return of_service(e.run.service, "started " + run_to_text(e.run));
          },
          [](const Ended& e) {
            return of_service(e.run.service,
                              fmt::format("ended {} {}", run_to_text(e.run), how_it_ended(e.exit)));
          },
          [](const ForwardEnded& e) {
            return of_service(e.run.service,
                              fmt::format("forwarded {} {}", run_to_text(e.run), how_it_ended(e)));
          },
          [](const LaunchFailed& e) {
            return of_service(e.run.service, fmt::format("step '{}' failed: {} {}", e.step,
                                                         errno_text(e.error), run_to_text(e.run)));
          },
          [](const Refused& e) {
            return of_service(e.service, fmt::format("refused peer={} {}", to_text(e.peer),
                                                     escape(to_text(e.refusal))));
          },
          [](const RefusedMore& e) {
            return of_service(e.service, fmt::format("refused {} more from={} {}", e.count,
                                                     e.source, name_of(e.reason)));
          },
          [](const Banned& e) { return ban_to_text(e); },
          [](const Unbanned& e) {
            return of_daemon("ban of " + to_text(e.network) +
                             (e.by_hand ? " was lifted" : " is over"));
          },
          [](const StderrLine& e) {
            return of_service(e.service,
                              "stderr: " + escape(e.text) + (e.cut ? " [line cut]" : ""));
          },
          [](const Paused& e) {
            return of_daemon("listeners paused: " + e.reason +
                             "; new connections wait in the backlog");
          },
          [](const Resumed& e) {
            return of_daemon("listeners resumed after " + duration_to_text(e.after));
          },
          [](const LinesDropped& e) {
            return of_daemon(fmt::format("dropped {} log lines", e.count));
          },
          [](const Ready& e) {
            return of_daemon(fmt::format("ready, {}, {}", count_of(e.services, "service"),
                                         count_of(e.listeners, "listener")));
          },
          [](const Reloaded& e) {
            return of_daemon(fmt::format(
                "reloaded, generation {}: services added={} removed={} changed={}, listeners "
                "opened={} kept={} closed={}",
                e.generation, e.added, e.removed, e.changed, e.opened, e.kept, e.closed));
          },
          [](const ReloadRefused& e) {
            return of_daemon("reload refused: " + count_of(e.errors, "error") +
                             "; the table in use serves on");
          },
          [](const ServicePaused& e) {
            return of_service(e.service, "paused; connections wait in the backlog");
          },
          [](const ServiceResumed& e) { return of_service(e.service, "resumed"); },
          [](const Overridden& e) { return of_service(e.service, override_to_text(e)); },
          [](const Upgraded& e) {
            return of_daemon(fmt::format("upgraded from {} to {}", e.from, e.to));
          },
          [](const UpgradeRefused& e) {
            return of_daemon("upgrade refused: " + e.reason + "; this superd serves on");
          },
          [](const Draining& e) {
            if (e.running == 0) return of_daemon("draining: no handler is running");
            return of_daemon(fmt::format("draining: {} may finish within {}",
                                         count_of(e.running, "handler"),
                                         duration_to_text(e.deadline)));
          },
          [](const Stopped&) { return of_daemon("stopped"); },
          [](const Notice& e) {
            return e.service.empty() ? of_daemon(e.text) : of_service(e.service, e.text);
          }},
      event);
}

}  // namespace superd
