// SPDX-License-Identifier: MIT
// Turns.
#include "superd/io/turn.hpp"

namespace superd {

awaitable<Turn::Taken> Turn::take() {
  if (is_taken_) {
    const auto called = std::make_shared<Alarm>(loop_);
    waiting_.push_back(called);
    co_await called->sleep_until_rung();
  }
  is_taken_ = true;
  co_return Taken(*this);
}

// It stays taken while the next one is being woken: nobody overtakes.
void Turn::pass_on() {
  if (waiting_.empty()) {
    is_taken_ = false;
    return;
  }
  const auto next = std::move(waiting_.front());
  waiting_.pop_front();
  next->ring();
}

}  // namespace superd
