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
  const auto* tcp = std::get_if<TcpPeer>(&peer);
  return tcp ? to_text(tcp->remote.address) : "<no address>";
}

std::string exit_line(const Ended& ended) {
  const int status = ended.exit.status;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(ended.exit.duration);
  const auto how = WIFSIGNALED(status) ? fmt::format("signal={}", WTERMSIG(status))
                                       : fmt::format("status={}", WEXITSTATUS(status));
  return fmt::format("EXIT: {} {} pid={} duration={}(sec)", ended.run.service, how, ended.run.pid,
                     seconds.count());
}

}  // namespace

std::string to_xinetd(const Event& event) {
  return std::visit(Overloaded{[](const Started& e) {
                                 return fmt::format("START: {} pid={} from={}", e.run.service,
                                                    e.run.pid, from(e.run.peer));
                               },
                               [](const Ended& e) { return exit_line(e); },
                               [](const LaunchFailed& e) {
                                 return fmt::format("FAIL: {} fork from={}", e.run.service,
                                                    from(e.run.peer));
                               },
                               [&](const auto&) { return to_text(event); }},
                    event);
}

}  // namespace superd
