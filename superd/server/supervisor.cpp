// SPDX-License-Identifier: MIT
// Children.
#include "superd/server/supervisor.hpp"

namespace superd {
namespace {

Clock::time_point deadline_of(Clock::time_point started, const std::optional<Milliseconds>& timeout) {
  return timeout ? started + *timeout : Clock::time_point::max();
}

}  // namespace

Result<ChildPtr> Supervisor::start(const HandlerPtr& handler, int socket, int error_output,
                                   const PeerEnvironment& peer) {
  auto pid = flights_.start(handler->program(), socket, error_output, peer);
  if (!pid) return pid.error();
  ChildPtr child(new Child(loop_, *pid, handler));
  running_.emplace(*pid, child.get());
  return child;
}

awaitable<Ending> Supervisor::wait(Child& child) {
  const Process& process = child.handler_->process();
  const auto deadline = deadline_of(child.started_, process.timeout);
  while (!child.ending_ && child.stop_ == Stop::none) {
    co_await child.alarm_.sleep_until(deadline);
    if (Clock::now() >= deadline && !child.ending_) stop(child, Stop::timeout);
  }
  const auto end_of_grace = Clock::now() + process.stop_grace;
  while (!child.ending_ && Clock::now() < end_of_grace)
    co_await child.alarm_.sleep_until(end_of_grace);
  if (!child.ending_) signal_group(child.pid_, SIGKILL);
  while (!child.ending_) co_await child.alarm_.sleep_until_rung();
  co_return *child.ending_;
}

void Supervisor::stop(Child& child, Stop reason) {
  if (child.ending_ || child.stop_ != Stop::none) return;
  child.stop_ = reason;
  ++stopping_;
  signal_group(child.pid_, child.handler_->process().stop_signal);
  child.alarm_.ring();
}

void Supervisor::stop_all(Stop reason) {
  for (const auto& [pid, child] : running_) stop(*child, reason);
}

void Supervisor::kill_all() {
  stop_all(Stop::shutdown);
  for (const auto& [pid, child] : running_) signal_group(pid, SIGKILL);
}

void Supervisor::reap_ended() {
  while (const auto reaped = next_end()) end(*reaped);
}

// What a stopped child leaves behind in its group is killed before the child is reaped: until then the group can't
// be anybody else's.
std::optional<Reaped> Supervisor::next_end() {
  if (stopping_ == 0) return reap(-1);
  const auto pid = ended_child();
  if (!pid) return std::nullopt;
  const auto found = running_.find(*pid);
  if (found != running_.end() && found->second->stop_ != Stop::none) signal_group(*pid, SIGKILL);
  return reap(*pid);
}

void Supervisor::end(const Reaped& reaped) {
  const auto fault = flights_.fault_of(reaped.pid);
  const auto found = running_.find(reaped.pid);
  if (found == running_.end()) return;  // as process 1 we inherit orphans
  Child& child = *found->second;
  running_.erase(found);
  if (child.stop_ != Stop::none) --stopping_;
  child.ending_ = Ending{reaped.exit, fault};
  child.ending_->exit.duration =
      std::chrono::duration_cast<Milliseconds>(Clock::now() - child.started_);
  child.ending_->exit.stop = child.stop_;
  child.alarm_.ring();
}

}  // namespace superd
