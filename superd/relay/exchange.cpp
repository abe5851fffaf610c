// SPDX-License-Identifier: MIT
// epoll(7), edge-triggered: what it says is kept until a call disproves it, so that an idle
// connection costs no call and a busy one none too many. How an upstream is found is in
// dialing.cpp.
#include "superd/relay/exchange.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "superd/base/overloaded.hpp"
#include "superd/core/proxy_header.hpp"
#include "superd/os/connecting.hpp"
#include "superd/os/signals.hpp"

namespace superd {
namespace {

// What an event is about: a line's address, whose lowest bit says which end; or one of these.
constexpr std::uint64_t of_superd = 0, of_signals = 1, upstream_bit = 1;

constexpr int longest_farewell = 2000;  // milliseconds without room for a report

constexpr std::uint32_t all_events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

bool add_to(int epoll, int fd, std::uint64_t whom, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = whom;
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

}  // namespace

Exchange::Exchange(int socket, int signals)
    : superd_(socket), signals_(signals), epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

Result<void> Exchange::run() {
  const bool is_watching = epoll_ && add_to(epoll_.get(), superd_.socket(), of_superd, EPOLLIN) &&
                           add_to(epoll_.get(), signals_, of_signals, EPOLLIN);
  if (!is_watching) return system_error("epoll", errno);
  while (!is_stopped_ && (!superd_.is_over() || !lines_.empty()))
    if (auto gone_on = turn(); !gone_on) return gone_on.error();
  end_all();
  return {};
}

// Lines that end are kept to the end of the turn, for events may still tell of them.
Result<void> Exchange::turn() {
  std::array<epoll_event, 256> events;
  const int count = epoll_wait(epoll_.get(), events.data(), events.size(), longest_wait());
  if (count < 0 && errno != EINTR) return system_error("epoll_wait", errno);
  now_ = Clock::now();
  bool has_orders = false;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.u64 == of_superd)
      has_orders = true;
    else if (event.data.u64 == of_signals)
      look_at_signals();
    else
      see(event.data.u64, event.events);
  }
  const std::vector<Line*> due = std::exchange(due_, {});
  for (Line* const line : due) {
    line->is_due = false;
    if (!line->is_over) work(*line);
  }
  while (const auto entry = deadlines_.take_due(now_)) {
    const auto found = lines_.find(entry->second);
    if (found != lines_.end() && found->second->look_at == entry->first) look_again(*found->second);
  }
  if (has_orders)
    if (auto taken = take_orders(); !taken) return taken.error();
  tell_what_is_left();
  if (!over_.empty()) std::erase_if(due_, [](const Line* line) { return line->is_over; });
  over_.clear();
  return {};
}

// Where superd has no room for reports, epoll says when it has.
void Exchange::tell_what_is_left() {
  const bool waits = superd_.has_unsent();
  if (waits == waits_to_report_ || superd_.is_over()) return;
  waits_to_report_ = waits;
  epoll_event event{};
  event.events = EPOLLIN | (waits ? EPOLLOUT : 0U);
  event.data.u64 = of_superd;
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, superd_.socket(), &event);
}

int Exchange::longest_wait() const {
  if (!due_.empty()) return 0;
  const auto next = deadlines_.next();
  if (!next) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

void Exchange::see(std::uint64_t whom, std::uint32_t events) {
  Line& line = *reinterpret_cast<Line*>(whom & ~upstream_bit);
  if (line.is_over) return;
  const bool is_upstream = (whom & upstream_bit) != 0;
  End& end = is_upstream ? line.upstream : line.client;
  const bool is_broken = (events & EPOLLERR) != 0;
  end.has_hung_up = end.has_hung_up || (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  end.readable = end.readable || end.has_hung_up || (events & EPOLLIN) != 0;
  end.writable = end.writable || (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0;
  if (is_broken && !is_upstream) {
    if (const int error = connect_result(line.client.socket.get()); error != 0)
      return finish(line, RelayEnd::client_reset, error);
  }
  if (line.dialing && is_upstream) return dialed(line);
  if (!line.dialing && !line.is_due) {
    line.is_due = true;
    due_.push_back(&line);
  }
}

void Exchange::look_at_signals() {
  for (const ArrivedSignal& one : arrived_signals(signals_))
    is_stopped_ = is_stopped_ || one.number == SIGTERM || one.number == SIGINT;
}

// ---- superd

Result<void> Exchange::take_orders() {
  superd_.flush();
  const std::uint64_t before = last_taken_;
  for (;;) {
    auto order = superd_.next();
    if (!order) return order.error();
    if (!*order) break;
    if (auto obeyed = obey(std::move(**order)); !obeyed) return obeyed.error();
  }
  if (superd_.is_over()) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, superd_.socket(), nullptr);
  if (last_taken_ != before) superd_.report(Taken{last_taken_});
  return {};
}

Result<void> Exchange::obey(SuperdLink::Order order) {
  if (auto* const plan = std::get_if<RelayPlan>(&order.order)) {
    rules_ = std::move(plan->rules);
    return {};
  }
  if (!rules_) return Error{"superd gave no plan", EPROTO};
  std::visit(Overloaded{[&](const Take& one) { take(one, std::move(order.descriptor)); },
                        [&](const HostFound& host) { found(host); },
                        [&](const Drop& drop) {
                          const auto found = lines_.find(drop.id);
                          if (found != lines_.end()) finish(*found->second, RelayEnd::stopped, 0);
                        },
                        [](const RelayPlan&) {}},
             order.order);
  return {};
}

void Exchange::take(const Take& take, UniqueFd socket) {
  last_taken_ = take.id;
  auto fresh = std::make_unique<Line>(take.id);
  Line& line = *fresh;
  if (!lines_.emplace(take.id, std::move(fresh)).second) return;
  if (!socket) return finish(line, RelayEnd::shortage, EMFILE);
  line.client.socket = std::move(socket);
  make_relayed(line.client.socket.get());
  line.in.begin_with(proxy_header(rules_->proxy_protocol, take.peer));
  line.dialing = std::make_unique<Dialing>();
  if (!watch(line, line.client)) return finish(line, RelayEnd::shortage, errno);
  dial(line);
}

bool Exchange::watch(Line& line, End& end) {
  const auto whom = reinterpret_cast<std::uint64_t>(&line);
  return add_to(epoll_.get(), end.socket.get(), whom | (&end == &line.upstream ? upstream_bit : 0),
                all_events);
}

// ---- bytes

void Exchange::work(Line& line) {
  follow(line, line.in, RelayEnd::client_reset, RelayEnd::upstream_reset);
  if (!line.is_over) follow(line, line.out, RelayEnd::upstream_reset, RelayEnd::client_reset);
  if (line.is_over) return;
  if (line.in.has_moved() || line.out.has_moved()) line.last_active = now_;
  if (line.in.is_done() && line.out.is_done()) finish(line, line.end, line.error);
}

// Where one side takes no more, what it has said itself is still delivered: an answer that came
// before all of the question was read.
void Exchange::follow(Line& line, Flow& flow, RelayEnd at_source, RelayEnd at_sink) {
  switch (flow.move(space_)) {
    case Flow::Step::waits:
    case Flow::Step::done:
      return;
    case Flow::Step::goes_on:
      if (!std::exchange(line.is_due, true)) due_.push_back(&line);
      return;
    case Flow::Step::source_fails:
      return finish(line, at_source, flow.error());
    case Flow::Step::sink_fails:
      line.end = at_sink;
      line.error = flow.error();
      flow.give_up();
  }
}

void Exchange::look_at(Line& line, Clock::time_point time) {
  line.look_at = time;
  deadlines_.add(time, line.id);
}

// Its time has come: to give up an upstream, or for being idle.
void Exchange::look_again(Line& line) {
  if (line.dialing && line.dialing->is_backlog_full && now_ < line.dialing->give_up)
    return dial(line);
  if (line.dialing) {
    line.dialing->error = ETIMEDOUT;
    line.dialing->host.clear();
    line.dialing->is_backlog_full = false;
    return dial(line);
  }
  if (!rules_->idle_timeout) return;
  const auto end = line.last_active + *rules_->idle_timeout;
  if (now_ >= end) return finish(line, RelayEnd::idle, 0);
  look_at(line, end);
}

// Whoever was cut short sees a reset: an end would say that this was all.
void Exchange::finish(Line& line, RelayEnd end, int error) {
  line.is_over = true;
  for (End* const one : {&line.client, &line.upstream}) {
    if (!one->socket) continue;
    const bool is_cut_short = end == RelayEnd::client_reset || end == RelayEnd::upstream_reset ||
                              end == RelayEnd::no_upstream;
    if (is_cut_short && !(line.in.is_done() && line.out.is_done()))
      close_with_reset(one->socket.get());
    one->socket.reset();
  }
  superd_.report(Finished{line.id, line.in.bytes(), line.out.bytes(), end, error, line.to});
  const auto found = lines_.find(line.id);
  over_.push_back(std::move(found->second));
  lines_.erase(found);
}

// superd reads all of it, if it can still be told.
void Exchange::end_all() {
  while (!lines_.empty()) finish(*lines_.begin()->second, RelayEnd::stopped, 0);
  pollfd room{.fd = superd_.socket(), .events = POLLOUT, .revents = 0};
  while (superd_.has_unsent() && poll(&room, 1, longest_farewell) > 0 &&
         (room.revents & POLLOUT) != 0)
    superd_.flush();
}

}  // namespace superd
