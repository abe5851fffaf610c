// SPDX-License-Identifier: MIT
// Room for more: at the limit superd stops listening rather than spin or refuse. What ran out is
// said once, whoever waits is called again first come first served when a handler ends, and
// everybody after a second.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "superd/io/task.hpp"
#include "superd/server/reporter.hpp"

namespace superd {

class Headroom {
 public:
  using Resume = std::function<void()>;

  /// The right to one running instance. A limit is a slot you hold: a destructor can't forget to
  /// count down.
  class Slot {
   public:
    explicit Slot(Headroom& headroom) : headroom_(&headroom) { ++headroom.running_; }
    Slot(Slot&& other) noexcept : headroom_(std::exchange(other.headroom_, nullptr)) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (headroom_) headroom_->slot_freed();
    }

   private:
    Headroom* headroom_;
  };

  /// `instances`: handlers running at once, all services together.
  Headroom(Loop& loop, Reporter& reporter, unsigned instances);

  bool has_room() const { return !is_short_ && running_ < instances_; }
  std::size_t running() const { return running_; }
  unsigned instances() const { return instances_; }
  /// Another limit; who waits is called within a second.
  void set_instances(unsigned instances) { instances_ = instances; }
  /// Why no listener accepts; absent where they do.
  const std::optional<std::string>& paused() const { return paused_; }

  /// Something ran out (descriptors, processes, memory): no room until a handler ends or a second
  /// has passed.
  void ran_out(const std::string& what);
  /// Calls `resume` when there may be room again, once. It asks again if there is none.
  void when_room(Resume resume);

  /// Rung when the last slot comes back.
  Alarm& idle() { return idle_; }
  /// Forgets all who wait and says no more: at the end of serving.
  void close();

 private:
  void slot_freed();
  void begin_episode(const std::string& reason);
  void tick();
  void look_again();
  void resume_one();

  Loop& loop_;
  Reporter& reporter_;
  Alarm idle_;
  boost::asio::steady_timer timer_;
  std::deque<Resume> waiting_;
  std::size_t running_ = 0;
  unsigned instances_;
  bool is_short_ = false;
  std::optional<std::string> paused_;  // from "paused" to "resumed"
  bool had_to_wait_ = false;           // somebody, since the last look
  Clock::time_point since_;
};

}  // namespace superd
