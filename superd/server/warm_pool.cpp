// SPDX-License-Identifier: MIT
// One at a time gets warm, when no cold start has been for a moment.
#include "superd/server/warm_pool.hpp"

#include <algorithm>

#include "superd/base/text.hpp"
#include "superd/core/launch_plan.hpp"

namespace superd {
namespace {

// Beyond what superd-warm itself allows for it.
constexpr Milliseconds longest_start = longest_warm_up + Milliseconds(5'000);
constexpr Milliseconds first_pause{1'000}, longest_pause{60'000};
// After a cold start; and while there are many of them, for others need the machine.
constexpr Milliseconds after_cold{3}, moment{100};
constexpr unsigned many = 30;  // in a moment

}  // namespace

WarmPool::WarmPool(HandlerPtr handler, const std::string& starter, const OwnRooms& rooms)
    : handler_(std::move(handler)),
      wanted_(std::get<RunHandler>(handler_->service().activation).warm),
      starter_(starter),
      rooms_(rooms),
      alarm_(rooms.loop) {}

WarmChildPtr WarmPool::take() {
  const auto now = Clock::now();
  last_use_ = now;
  const auto found = std::find_if(children_.begin(), children_.end(), [](const WarmChildPtr& one) {
    return one->state() == WarmChild::State::ready && !one->has_ended();
  });
  WarmChildPtr child = found == children_.end() ? nullptr : *found;
  if (child) {
    children_.erase(found);
  } else {
    if (now >= cold_since_ + moment) cold_ = 0;
    if (cold_++ == 0) cold_since_ = now;
    not_before_ = std::max(not_before_, now + after_cold);
  }
  wake();
  return child;
}

void WarmPool::drop(const WarmChildPtr& child) {
  back_off(Clock::now());
  WarmChild::retire(child);
}

void WarmPool::fill() {
  last_use_ = Clock::now();
  wake();
}

void WarmPool::retire() {
  is_retired_ = true;
  let_all_go();
  alarm_.ring();
}

WarmCounts WarmPool::counts() const {
  const auto ready = std::count_if(children_.begin(), children_.end(), [](const WarmChildPtr& one) {
    return one->state() == WarmChild::State::ready;
  });
  return {static_cast<std::size_t>(ready), given_, why_not_};
}

void WarmPool::wake() {
  if (is_retired_ || !why_not_.empty()) return;
  if (std::exchange(is_tended_, true)) return alarm_.ring();
  spawn(rooms_.loop, "keep handlers warm", tend(shared_from_this()), rooms_.died);
}

awaitable<void> WarmPool::tend(SelfPtr self) {
  for (;;) {
    const Clock::time_point now = Clock::now();
    const Clock::time_point next = self->act(now);
    if (next == Clock::time_point()) break;
    co_await self->alarm_.sleep_until(next);
  }
  self->is_tended_ = false;
}

// When to act again; never: nobody is kept any more.
Clock::time_point WarmPool::act(Clock::time_point now) {
  if (!is_retired_) look_at_children(now);
  const auto end = wanted_.always ? Clock::time_point::max() : last_use_ + wanted_.idle;
  if (is_retired_ || !why_not_.empty() || now >= end) {
    let_all_go();
    return {};
  }
  auto next = std::min(end, now + std::chrono::hours(1));
  if (starting() > 0) return std::min(next, now + Milliseconds(1'000));
  if (children_.size() >= wanted_.ready) return next;
  const auto start = may_start(now);
  if (now < start) return std::min(next, start);
  start_one(now);
  return std::min(next, now + Milliseconds(1'000));
}

void WarmPool::look_at_children(Clock::time_point now) {
  for (auto at = children_.begin(); at != children_.end();) {
    const WarmChildPtr child = *at;
    const bool is_late =
        child->state() == WarmChild::State::starting && now >= child->started() + longest_start;
    if (child->state() == WarmChild::State::ready) was_ready_ = true;
    // That it has ended may be known before what it has to say.
    const bool is_gone = child->has_ended() && child->state() == WarmChild::State::ready;
    if (child->state() != WarmChild::State::failed && !is_late && !is_gone) {
      ++at;
      continue;
    }
    at = children_.erase(at);
    WarmChild::retire(child);
    if (was_ready_)
      back_off(now);
    else
      give_up(is_late ? "it gave no sign in time" : child->why());
  }
}

void WarmPool::give_up(std::string why) {
  why_not_ = std::move(why);
  rooms_.reporter.report(Notice{
      LogLevel::warning, "service " + quote(handler_->service().name) +
                             " is started for each connection, and not kept warm: " + why_not_});
}

void WarmPool::back_off(Clock::time_point now) {
  pause_ = std::clamp(pause_ * 2, first_pause, longest_pause);
  not_before_ = now + pause_;
}

void WarmPool::let_all_go() {
  for (const WarmChildPtr& child : std::exchange(children_, {})) WarmChild::retire(child);
}

Clock::time_point WarmPool::may_start(Clock::time_point now) const {
  const bool is_busy = cold_ > many && now < cold_since_ + moment;
  return std::max(not_before_, is_busy ? cold_since_ + moment : Clock::time_point());
}

void WarmPool::start_one(Clock::time_point now) {
  const std::weak_ptr<WarmPool> weak = weak_from_this();
  auto child = WarmChild::start(handler_, starter_, rooms_, [weak] {
    if (const auto self = weak.lock()) self->alarm_.ring();
  });
  if (child)
    children_.push_back(std::move(*child));
  else
    back_off(now);  // superd is short of something, which others have said
}

std::size_t WarmPool::starting() const {
  return static_cast<std::size_t>(std::count_if(
      children_.begin(), children_.end(),
      [](const WarmChildPtr& one) { return one->state() == WarmChild::State::starting; }));
}

std::shared_ptr<WarmPool> WarmPools::pool_of(const HandlerPtr& handler) {
  const auto* run = std::get_if<RunHandler>(&handler->service().activation);
  if (is_closed_ || !run || run->warm.ready == 0 || !in_use_.contains(handler.get()))
    return nullptr;
  auto& pool = pools_[handler.get()];
  if (!pool) pool = std::make_shared<WarmPool>(handler, starter_, rooms_);
  return pool;
}

const WarmPool* WarmPools::find(const HandlerPtr& handler) const {
  const auto found = pools_.find(handler.get());
  return found == pools_.end() ? nullptr : found->second.get();
}

void WarmPools::serve(const std::vector<HandlerPtr>& handlers) {
  in_use_.clear();
  for (const HandlerPtr& one : handlers) in_use_.insert(one.get());
  for (auto at = pools_.begin(); at != pools_.end();) {
    const bool stays = in_use_.contains(at->first);
    if (!stays) at->second->retire();
    at = stays ? std::next(at) : pools_.erase(at);
  }
  for (const HandlerPtr& handler : handlers) {
    const auto* run = std::get_if<RunHandler>(&handler->service().activation);
    if (!run || !run->warm.always) continue;
    if (const auto pool = pool_of(handler)) pool->fill();
  }
}

void WarmPools::close() {
  is_closed_ = true;
  for (const auto& [handler, pool] : pools_) pool->retire();
  pools_.clear();
}

}  // namespace superd
