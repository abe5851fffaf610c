// SPDX-License-Identifier: MIT
// One at a time, first come first served: for what must not be done twice at once, such as changing
// the table.
#pragma once

#include <deque>
#include <memory>

#include "superd/io/task.hpp"

namespace superd {

class Turn {
 public:
  explicit Turn(Loop& loop) : loop_(loop) {}

  /// Having it: the next one's turn comes when this ends.
  class Taken {
   public:
    explicit Taken(Turn& turn) : turn_(&turn) {}
    Taken(Taken&& other) noexcept : turn_(std::exchange(other.turn_, nullptr)) {}
    Taken& operator=(Taken&&) = delete;
    ~Taken() {
      if (turn_) turn_->pass_on();
    }

   private:
    Turn* turn_;
  };

  awaitable<Taken> take();

 private:
  void pass_on();

  Loop& loop_;
  std::deque<std::shared_ptr<Alarm>> waiting_;
  bool is_taken_ = false;
};

}  // namespace superd
