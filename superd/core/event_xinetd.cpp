// SPDX-License-Identifier: MIT
// Events as xinetd 2.3.15 writes them ("START: id pid=N from=IP"): fail2ban and logwatch rules keep
// working.
#include <sys/wait.h>

#include <fmt/format.h>

#include "superd/base/overloaded.hpp"
#include "superd/base/result.hpp"
#include "superd/core/event.hpp"

namespace superd {
namespace {

std::string from(const Peer& peer) {
  const auto* inet = std::get_if<InetPeer>(&peer);
  return inet ? to_text(inet->remote.address) : "<no address>";
}

std::string exit_line(const Ended& ended) {
  const int status = ended.exit.status;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(ended.exit.duration);
  const auto how = WIFSIGNALED(status) ? fmt::format("signal={}", WTERMSIG(status))
                                       : fmt::format("status={}", WEXITSTATUS(status));
  return fmt::format("EXIT: {} {} pid={} duration={}(sec)", ended.run.service, how, ended.run.pid,
                     seconds.count());
}

std::string exit_line(const ForwardEnded& ended) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(ended.duration);
  return fmt::format("EXIT: {} status={} pid={} duration={}(sec)", ended.run.service,
                     ended.how.end == RelayEnd::closed ? 0 : 1, ended.run.pid, seconds.count());
}

// xinetd's own words, of which it has fewer.
const char* failure_of(Reason reason) {
  switch (reason) {
    case Reason::ban:
    case Reason::address:
    case Reason::name:
      return "address";
    case Reason::hosts_access:
      return "libwrap";
    case Reason::hours:
      return "time";
    case Reason::load:
      return "load";
    case Reason::daemon_instances:
      return "process_limit";
    case Reason::instances:
      return "service_limit";
    case Reason::per_source:
      return "per_source_limit";
    case Reason::rate:
    case Reason::rate_per_source:
      return "connections per second";
  }
  return "address";
}

}  // namespace

std::string to_xinetd(const Event& event) {
  return std::visit(Overloaded{[](const Started& e) {
                                 return fmt::format("START: {} pid={} from={}", e.run.service,
                                                    e.run.pid, from(e.run.peer));
                               },
                               [](const Ended& e) { return exit_line(e); },
                               [](const ForwardEnded& e) { return exit_line(e); },
                               [](const LaunchFailed& e) {
                                 return fmt::format("FAIL: {} fork from={}", e.run.service,
                                                    from(e.run.peer));
                               },
                               [](const Refused& e) {
                                 return fmt::format("FAIL: {} {} from={}", e.service,
                                                    failure_of(e.refusal.reason), from(e.peer));
                               },
                               [&](const auto&) { return to_text(event); }},
                    event);
}

}  // namespace superd
