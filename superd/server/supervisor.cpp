// SPDX-License-Identifier: MIT
// Children.
#include "superd/server/supervisor.hpp"

#include <csignal>
#include <utility>

#include <boost/asio/post.hpp>

namespace superd {
namespace {

// Children that may all be asked at every end.
constexpr std::size_t few = 200;

}  // namespace

Result<ChildPtr> Supervisor::start(const HandlerPtr& handler, int socket, int error_output,
                                   const PeerEnvironment& peer, Clock::time_point accepted,
                                   const std::vector<int>* handed,
                                   std::shared_ptr<const Program> program) {
  if (!program) program = handler->program();
  auto pid = flights_.start(std::move(program), socket, error_output, peer, accepted, handed);
  if (!pid) return pid.error();
  settle_soon();
  return enrol(ChildPtr(new Child(loop_, *pid, handler, Clock::now())));
}

ChildPtr Supervisor::adopt(pid_t pid, HandlerPtr handler, Clock::time_point started, Stop stop) {
  auto child = enrol(ChildPtr(new Child(loop_, pid, std::move(handler), started)));
  child->stop_ = stop;
  if (stop != Stop::none) ++stopping_;
  return child;
}

ChildPtr Supervisor::enrol(ChildPtr child) {
  running_.emplace(child->pid_, child.get());
  child->by_age_ = by_age_.insert(by_age_.begin(), child.get());
  return child;
}

// Once a turn of the loop: by then the children mostly have what they need, and nobody waits.
void Supervisor::settle_soon() {
  if (std::exchange(settles_soon_, true)) return;
  boost::asio::post(loop_, [this] {
    settles_soon_ = false;
    flights_.settle();
  });
}

void Supervisor::hand_over(UniqueFd socket) {
  flights_.close_when_settled(std::move(socket));
  settle_soon();
}

void Supervisor::when_ended(Child& child, std::function<void()> ended) {
  child.when_ended_ = std::move(ended);
}

// Among the young, of whom it is one now.
void Supervisor::begin_anew(Child& child) {
  child.when_ended_ = nullptr;
  child.started_ = Clock::now();
  if (!child.ending_) by_age_.splice(by_age_.begin(), by_age_, child.by_age_);
}

awaitable<Ending> Supervisor::wait(Child& child) {
  const Shared<Process> rules = child.handler_->process();
  const Process& process = *rules;
  if (process.timeout) co_await keep_timeout(child, child.started_ + *process.timeout);
  while (!child.ending_ && child.stop_ == Stop::none) co_await child.alarm_.sleep_until_rung();
  const auto end_of_grace = Clock::now() + process.stop_grace;
  while (!child.ending_ && Clock::now() < end_of_grace)
    co_await child.alarm_.sleep_until(end_of_grace);
  if (!child.ending_) signal_group(child.pid_, SIGKILL);
  while (!child.ending_) co_await child.alarm_.sleep_until_rung();
  co_return *child.ending_;
}

awaitable<void> Supervisor::keep_timeout(Child& child, Clock::time_point deadline) {
  while (!child.ending_ && child.stop_ == Stop::none && Clock::now() < deadline)
    co_await child.alarm_.sleep_until(deadline);
  if (!child.ending_) stop(child, Stop::timeout);
}

void Supervisor::stop(Child& child, Stop reason) {
  if (child.ending_ || child.stop_ != Stop::none) return;
  child.stop_ = reason;
  ++stopping_;
  signal_group(child.pid_, child.handler_->process()->stop_signal);
  child.alarm_.ring();
}

void Supervisor::stop_all(Stop reason) {
  for (const auto& [pid, child] : running_) stop(*child, reason);
}

void Supervisor::kill_all() {
  stop_all(Stop::shutdown);
  for (const auto& [pid, child] : running_) signal_group(pid, SIGKILL);
}

void Supervisor::learn_of_end(pid_t child) {
  if (running_.size() <= few) return look_at_all();
  reap_one(child);
  look_after(Milliseconds(5), soon_, &Supervisor::look_at_the_young);
  look_after(Milliseconds(1000), later_, &Supervisor::look_at_all);
}

void Supervisor::look_at_all() {
  while (reap_one(-1)) {
  }
}

// The list changes as it is walked: only the child itself leaves it.
void Supervisor::look_at_the_young() {
  auto next = by_age_.begin();
  for (std::size_t i = 0; i < few && next != by_age_.end(); ++i) {
    const Child& child = **next++;
    reap_one(child.pid_);
  }
}

void Supervisor::look_after(Milliseconds delay, Look& look, void (Supervisor::*at)()) {
  if (std::exchange(look.is_due, true)) return;
  look.timer.expires_after(delay);
  look.timer.async_wait([this, &look, at](const boost::system::error_code& error) {
    look.is_due = false;
    if (!error) (this->*at)();
  });
}

// What a stopped child leaves behind in its group is killed before the child is reaped: until then
// the group can't be anybody else's.
bool Supervisor::reap_one(pid_t which) {
  if (stopping_ > 0) {
    const auto ended = ended_child(which);
    if (!ended) return false;
    const auto found = running_.find(*ended);
    if (found != running_.end() && found->second->stop_ != Stop::none)
      signal_group(*ended, SIGKILL);
    which = *ended;
  }
  const auto reaped = reap(which);
  if (reaped) end(*reaped);
  return reaped.has_value();
}

void Supervisor::end(const Reaped& reaped) {
  const auto fault = flights_.fault_of(reaped.pid);
  const auto found = running_.find(reaped.pid);
  if (found == running_.end()) return;  // as process 1 we inherit orphans
  Child& child = *found->second;
  running_.erase(found);
  by_age_.erase(child.by_age_);
  if (child.stop_ != Stop::none) --stopping_;
  child.ending_ = Ending{reaped.exit, fault};
  child.ending_->exit.duration =
      std::chrono::duration_cast<Milliseconds>(Clock::now() - child.started_);
  child.ending_->exit.stop = child.stop_;
  child.alarm_.ring();
  if (const auto told = child.when_ended_) told();
}

}  // namespace superd
