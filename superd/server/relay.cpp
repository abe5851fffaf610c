// SPDX-License-Identifier: MIT
// One task keeps all times, while there is a program or somebody who waits for one.
#include "superd/server/relay.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "superd/base/overloaded.hpp"
#include "superd/base/text.hpp"

namespace superd {
namespace {

constexpr Milliseconds before_next_try{10};  // where its socket is full

bool is_shortage(int error) {
  return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
}

bool is_full(int error) { return error == EAGAIN || error == ETOOMANYREFS || error == ENOBUFS; }

std::string plan_of(const Handler& handler) {
  const auto* forward = std::get_if<Forward>(&handler.service().activation);
  return encode(RelayPlan{forward ? *forward->rules : ForwardRules{}});
}

}  // namespace

// Asked to end, it says of all its connections how far they got. No RLIMIT_NPROC: it counts
// whatever else runs as the same user.
HandlerPtr relay_handler(const std::string& program, std::optional<Identity> identity,
                         const rlimit& descriptors, const std::string& service) {
  Process process;
  process.identity = std::move(identity);
  process.umask = 077;
  process.rlimits = {{RLIMIT_NOFILE, descriptors.rlim_max, descriptors.rlim_max},
                     {RLIMIT_CORE, 0, 0},
                     {RLIMIT_FSIZE, 0, 0},
                     {RLIMIT_MEMLOCK, 0, 0}};
  process.stop_grace = Milliseconds(2000);
  auto relay = std::make_shared<Service>();
  relay->name = service;
  relay->activation = RunHandler{program, {"superd-relay"}};
  relay->process = std::move(process);
  return std::make_shared<Handler>(std::move(relay), descriptors);
}

Relay::Relay(const RelayRooms& rooms, HandlerPtr served, std::function<void()> over)
    : rooms_(rooms),
      served_(std::move(served)),
      plan_(plan_of(*served_)),
      over_(std::move(over)),
      alarm_(rooms.own.loop) {}

// ---- connections

void Relay::take(Session session) {
  const std::uint64_t id = session.run.connection;
  const auto at =
      held_.emplace(std::piecewise_construct, std::forward_as_tuple(id),
                    std::forward_as_tuple(rooms_.headroom, rooms_.sessions, std::move(session)));
  if (is_closed_ || waiting_.size() >= rooms_.limits.waiting)
    return end(at.first, RelayEnd::shortage, EAGAIN);
  waiting_.push_back(id);
  if (program_ && !is_full_) send_waiting();
  wake();
}

bool Relay::drop(const Session& session, Stop reason) {
  const auto at = held_.find(session.run.connection);
  if (at == held_.end() || &*at->second.member != &session) return false;
  if (std::exchange(at->second.stop, reason) != Stop::none) return true;
  if (!at->second.sent) {
    std::erase(waiting_, at->first);
    end(at, RelayEnd::stopped);
  } else if (program_ && !program_->send(encode(Drop{at->first}))) {
    at->second.stop = Stop::none;  // its socket is full: who asks again is heard, perhaps
  }
  return true;
}

void Relay::end(HeldConnections::iterator at, Finished how) {
  const Session& session = *at->second.member;
  const auto duration = std::chrono::duration_cast<Milliseconds>(Clock::now() - session.since);
  const Stop stop = is_closed_ && how.end == RelayEnd::stopped ? Stop::shutdown : at->second.stop;
  rooms_.own.reporter.report(ForwardEnded{session.run, std::move(how), duration, stop});
  last_use_ = Clock::now();
  held_.erase(at);
}

// Of a connection about which no relay says how it went.
void Relay::end(HeldConnections::iterator at, RelayEnd how, int error) {
  Finished finished;
  finished.id = at->first;
  finished.end = how;
  finished.error = error;
  end(at, std::move(finished));
}

void Relay::close() {
  is_closed_ = true;
  for (const std::uint64_t id : std::exchange(waiting_, {})) end(held_.find(id), RelayEnd::stopped);
  wake();
}

// ---- time

void Relay::wake() {
  if (std::exchange(is_tended_, true)) return alarm_.ring();
  spawn(rooms_.own.loop, "tend a relay", tend(shared_from_this()), rooms_.own.died);
}

awaitable<void> Relay::tend(std::shared_ptr<Relay> self) {
  for (;;) {
    const auto next = self->act();
    if (!next) break;
    co_await self->alarm_.sleep_until(*next);
  }
  self->is_tended_ = false;
  const auto over = self->over_;
  if (over && self->held_.empty()) over();
}

// Does what is due; the time of what will be. Absent: there is nothing to wait for.
std::optional<Clock::time_point> Relay::act() {
  const auto now = Clock::now();
  if (program_ && is_silent(now)) program_->stop("was ended: it took no connection for long");
  give_up_old();
  if (!waiting_.empty() && !program_ && now >= may_start_) start_program();
  is_full_ = false;
  if (program_) send_waiting();
  if (program_ && held_.empty() && now >= last_use_ + rooms_.limits.idle)
    std::exchange(program_, nullptr)->retire();
  if (!program_)
    return waiting_.empty() ? std::nullopt
                            : std::optional(std::max(may_start_, now + before_next_try));
  if (is_full_) return now + before_next_try;
  if (held_.empty()) return last_use_ + rooms_.limits.idle;
  return now + (last_taken_ < last_sent_ ? rooms_.limits.longest_silence / 4 : rooms_.limits.idle);
}

// Connections are numbered as they come, and sent in that order.
bool Relay::is_silent(Clock::time_point now) const {
  if (last_taken_ >= last_sent_) return false;
  const auto oldest = held_.upper_bound(last_taken_);
  return oldest != held_.end() && oldest->second.sent &&
         now >= *oldest->second.sent + rooms_.limits.longest_silence;
}

void Relay::give_up_old() {
  const auto limit = Clock::now() - rooms_.limits.longest_hold;
  while (!waiting_.empty()) {
    const auto at = held_.find(waiting_.front());
    if ((*at->second.member).since > limit) return;
    waiting_.pop_front();
    end(at, RelayEnd::shortage, ETIMEDOUT);
  }
}

// ---- the program

OwnChild::Arrived Relay::arrived() {
  return [weak = weak_from_this()](const std::string& message) {
    const auto self = weak.lock();
    return self ? self->hear(message) : std::string();
  };
}

OwnChild::Ended Relay::ended() {
  return [weak = weak_from_this()](const std::string& why) {
    if (const auto self = weak.lock()) self->program_ended(why);
  };
}

void Relay::start_program() {
  if (is_closed_) return;
  const HandlerPtr handler = rooms_.handler(served_->service().name);
  auto started = OwnChild::start(handler, rooms_.own, longest_relay_report, arrived(), ended());
  if (!started && is_shortage(started.error().number)) {
    rooms_.headroom.ran_out(started.error().text);
    may_start_ = Clock::now() + rooms_.limits.first_pause;
    return;
  }
  if (!started) return program_ended("could not be started: " + started.error().text);
  program_ = std::move(*started);
  last_use_ = Clock::now();
  last_sent_ = last_taken_ = 0;
  if (auto told = program_->send(plan_); !told) program_->stop("was ended: " + told.error().text);
}

void Relay::send_waiting() {
  while (!waiting_.empty() && send(held_.at(waiting_.front()))) waiting_.pop_front();
}

// False: there is no room now, or no program any more, of which will be heard.
bool Relay::send(Held& held) {
  Session& session = *held.member;
  const int socket = session.socket.get();
  const auto sent =
      program_->send(encode(Take{session.run.connection, session.run.peer}), std::span(&socket, 1));
  if (!sent) {
    is_full_ = is_full(sent.error().number);
    return false;
  }
  session.socket.reset();
  session.phase = Session::Phase::running;
  session.run.pid = program_->pid();
  held.sent = last_use_ = Clock::now();
  last_sent_ = session.run.connection;
  rooms_.own.reporter.report(Started{session.run});
  return true;
}

// What is wrong with it; empty: nothing.
std::string Relay::hear(const std::string& message) {
  if (!program_) return {};
  const auto report = parse_relay_report(message);
  if (!report) return "it sent what is no report";
  std::visit(Overloaded{[&](const Taken& taken) {
                          last_taken_ = std::max(last_taken_, std::min(taken.id, last_sent_));
                          pause_ = Milliseconds(0);
                        },
                        [&](const WantHost& want) {
                          spawn(rooms_.own.loop, "find a host",
                                find_host(shared_from_this(), want.name), rooms_.own.died);
                        },
                        [&](const Finished& finished) {
                          const auto at = held_.find(finished.id);
                          if (at != held_.end() && at->second.sent) end(at, finished);
                        }},
             *report);
  return {};
}

// No answer is an answer here: the next in the list is tried.
awaitable<void> Relay::find_host(std::shared_ptr<Relay> self, std::string name) {
  const AddressesAnswer answer = co_await self->rooms_.lookups.addresses_of(name);
  if (!self->program_) co_return;
  const HostFound found{std::move(name), answer.value_or(std::vector<IpAddress>())};
  if (self->program_->send(encode(found))) co_return;  // else it asks again, or is about to end
}

// Its connections end with it. Those that wait get another, after a pause that grows: one that dies
// at once must not keep superd busy, nor its log.
void Relay::program_ended(const std::string& why) {
  program_ = nullptr;
  pause_ = std::clamp(2 * pause_, rooms_.limits.first_pause, rooms_.limits.longest_pause);
  may_start_ = Clock::now() + pause_;
  std::vector<std::uint64_t> lost;
  for (const auto& [id, held] : held_)
    if (held.sent) lost.push_back(id);
  if (!is_closed_)
    rooms_.own.reporter.report(Notice{
        LogLevel::error,
        "superd-relay " + why + "; " + count_of(lost.size(), "connection") + " ended with it",
        served_->service().name});
  for (const std::uint64_t id : lost) end(held_.find(id), RelayEnd::relay_died);
  wake();
}

// ---- from one superd to the next

void Relay::save(SavedState& state) {
  const std::size_t number = state.relays.size();
  SavedState::Relay saved;
  saved.service = served_->service().name;
  saved.plan = plan_;
  if (program_ && !program_->is_ending()) {
    saved.pid = program_->pid();
    saved.socket = program_->socket();
    saved.launched = program_->started();
  }
  saved.last_taken = last_taken_;
  saved.last_sent = last_sent_;
  state.relays.push_back(std::move(saved));
  for (const auto& [id, held] : held_) {
    const Session& session = *held.member;
    state.forwarded.push_back({number, session.run, session.socket.get(), session.since});
  }
}

void Relay::adopt(const SavedState::Relay& saved) {
  plan_ = saved.plan;
  last_taken_ = saved.last_taken;
  last_sent_ = saved.last_sent;
  last_use_ = Clock::now();
  if (saved.pid == 0) return;
  const HandlerPtr handler = rooms_.handler(saved.service);
  program_ = OwnChild::adopt(saved.pid, UniqueFd(saved.socket), saved.launched, handler, rooms_.own,
                             longest_relay_report, arrived(), ended());
  wake();
}

void Relay::adopt(Session session, bool is_sent) {
  if (!is_sent) return take(std::move(session));
  const std::uint64_t id = session.run.connection;
  session.phase = Session::Phase::running;
  const auto at =
      held_
          .emplace(std::piecewise_construct, std::forward_as_tuple(id),
                   std::forward_as_tuple(rooms_.headroom, rooms_.sessions, std::move(session)))
          .first;
  at->second.sent = Clock::now();
  if (!program_) end(at, RelayEnd::relay_died);  // while one superd became the next
}

}  // namespace superd
