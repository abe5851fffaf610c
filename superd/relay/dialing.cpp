// SPDX-License-Identifier: MIT
// How the exchange finds an upstream: the list in its order, of a host all addresses, each for
// connect_timeout at most. Names are asked of superd, who asks superd-lookup: nothing here blocks.
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>

#include "superd/base/overloaded.hpp"
#include "superd/os/connecting.hpp"
#include "superd/relay/exchange.hpp"

namespace superd {
namespace {

// A UNIX socket whose backlog is full tells nobody when there is room.
constexpr std::chrono::milliseconds before_next_try{20};
constexpr std::chrono::seconds before_asking_again{2};

bool is_shortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

// One after the other, until one may answer.
void Exchange::dial(Line& line) {
  Dialing& dialing = *line.dialing;
  line.upstream.socket.reset();
  line.upstream.readable = line.upstream.writable = line.upstream.has_hung_up = false;
  for (;;) {
    Upstream upstream;
    if (dialing.is_backlog_full) {
      upstream = rules_->to[dialing.next - 1];
    } else if (!dialing.addresses.empty()) {
      upstream = Endpoint{dialing.addresses.back(), dialing.port};
      dialing.addresses.pop_back();
    } else if (dialing.next < rules_->to.size()) {
      upstream = rules_->to[dialing.next++];
    } else {
      return finish(line, RelayEnd::no_upstream, dialing.error);
    }
    line.to = to_text(upstream);
    if (!dialing.is_backlog_full) dialing.give_up = now_ + rules_->connect_timeout;
    const auto* const host = std::get_if<NamedHost>(&upstream);
    if (host ? ask_for_host(line, *host) : try_upstream(line, upstream)) return;
  }
}

// Those who need the same name wait for the same answer. A superd that took the place of another
// doesn't know of the question: then it is asked again.
bool Exchange::ask_for_host(Line& line, const NamedHost& host) {
  line.dialing->host = host.name;
  line.dialing->port = host.port;
  look_at(line, line.dialing->give_up);
  Asked& asked = hosts_[host.name];
  if (asked.lines.empty() || now_ >= asked.time + before_asking_again) {
    superd_.report(WantHost{host.name});
    asked.time = now_;
  }
  asked.lines.push_back(line.id);
  return true;
}

void Exchange::found(const HostFound& host) {
  const auto asked = hosts_.find(host.name);
  if (asked == hosts_.end()) return;
  const std::vector<std::uint64_t> waiting = std::move(asked->second.lines);
  hosts_.erase(asked);
  for (const std::uint64_t id : waiting) {
    const auto found = lines_.find(id);
    if (found == lines_.end()) continue;
    Line& line = *found->second;
    if (!line.dialing || line.dialing->host != host.name) continue;
    line.dialing->host.clear();
    line.dialing->addresses.assign(host.addresses.rbegin(), host.addresses.rend());
    if (host.addresses.empty()) line.dialing->error = EHOSTUNREACH;
    dial(line);
  }
}

// True: nothing else is to be tried now.
bool Exchange::try_upstream(Line& line, const Upstream& upstream) {
  Dialing& dialing = *line.dialing;
  auto begun = std::visit(Overloaded{[](const Endpoint& end) { return begin_connect(end); },
                                     [](const UnixAddress& local) { return begin_connect(local); },
                                     [](const NamedHost&) {
                                       return Result<Connecting>(Error{"a name", EINVAL});
                                     }},
                          upstream);
  const int error = begun ? 0 : begun.error().number;
  dialing.is_backlog_full = error == EAGAIN && now_ < dialing.give_up;
  if (dialing.is_backlog_full) {
    look_at(line, std::min(now_ + before_next_try, dialing.give_up));
    return true;
  }
  if (is_shortage(error)) {
    finish(line, RelayEnd::shortage, error);
    return true;
  }
  if (!begun) {
    dialing.error = error;
    return false;
  }
  line.upstream.socket = std::move(begun->socket);
  if (!watch(line, line.upstream)) {
    finish(line, RelayEnd::shortage, errno);
    return true;
  }
  if (begun->is_there)
    connected(line);
  else
    look_at(line, dialing.give_up);
  return true;
}

// It says something: that it is there, or why not.
void Exchange::dialed(Line& line) {
  if (!line.upstream.socket || !line.upstream.writable) return;
  const int error = connect_result(line.upstream.socket.get());
  if (error == 0) return connected(line);
  line.dialing->error = error;
  dial(line);
}

// What the client has said meanwhile waits in its socket.
void Exchange::connected(Line& line) {
  line.dialing.reset();
  line.last_active = now_;
  line.upstream.writable = true;
  if (rules_->idle_timeout) look_at(line, now_ + *rules_->idle_timeout);
  if (!std::exchange(line.is_due, true)) due_.push_back(&line);
}

}  // namespace superd
