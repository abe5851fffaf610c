// SPDX-License-Identifier: MIT
// The handlers of services that are kept started, each waiting for a connection (decision 0018). A
// pool follows use: it begins with the first connection, is refilled when others don't need the
// machine, and leaves when nobody has come for long. What can't be kept warm runs cold.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "superd/server/warm_child.hpp"

namespace superd {

/// What superctl shows of a pool.
struct WarmCounts {
  std::size_t ready = 0;
  std::uint64_t given = 0;  // connections, since the pool was made
  std::string why_not;      // empty: they can be kept warm, as far as is known
};

/// Those of one service.
class WarmPool : public std::enable_shared_from_this<WarmPool> {
 public:
  WarmPool(HandlerPtr handler, const std::string& starter, const OwnRooms& rooms);

  /// Somebody has come: one that is ready, or none.
  WarmChildPtr take();
  /// It got a connection.
  void count_given() {
    ++given_;
    pause_ = Milliseconds(0);
  }
  /// It was ready and isn't any more.
  void drop(const WarmChildPtr& child);
  /// Fills it before anybody comes.
  void fill();
  /// Lets all of them go, for good.
  void retire();
  WarmCounts counts() const;

 private:
  using SelfPtr = std::shared_ptr<WarmPool>;

  static awaitable<void> tend(SelfPtr self);
  void wake();
  Clock::time_point act(Clock::time_point now);
  void look_at_children(Clock::time_point now);
  void give_up(std::string why);
  void back_off(Clock::time_point now);
  void let_all_go();
  Clock::time_point may_start(Clock::time_point now) const;
  void start_one(Clock::time_point now);
  std::size_t starting() const;

  HandlerPtr handler_;
  Warmth wanted_;
  const std::string& starter_;
  OwnRooms rooms_;
  std::list<WarmChildPtr> children_;  // the oldest first
  Alarm alarm_;
  bool is_tended_ = false, is_retired_ = false, was_ready_ = false;
  std::string why_not_;
  std::uint64_t given_ = 0;
  Clock::time_point last_use_{}, not_before_{};
  Milliseconds pause_{0};
  Clock::time_point cold_since_{};  // begin of the moment in which cold starts are counted
  unsigned cold_ = 0;
};

/// Those of all services.
class WarmPools {
 public:
  WarmPools(const OwnRooms& rooms, std::string starter)
      : rooms_(rooms), starter_(std::move(starter)) {}

  /// A hand-over under way, of which another superd couldn't know (server/upgrade).
  class HandingOver {
   public:
    explicit HandingOver(WarmPools& pools) : pools_(pools) { ++pools_.under_way_; }
    ~HandingOver() { --pools_.under_way_; }
    HandingOver(const HandingOver&) = delete;
    HandingOver& operator=(const HandingOver&) = delete;

   private:
    WarmPools& pools_;
  };
  bool is_handing_over() const { return under_way_ > 0; }

  /// The pool of a service that asks for one; absent otherwise, and once superd is about to end.
  std::shared_ptr<WarmPool> pool_of(const HandlerPtr& handler);
  /// For status: absent where nobody has come yet.
  const WarmPool* find(const HandlerPtr& handler) const;
  /// The handlers in use now: others' warm ones leave, and those that are always kept are filled.
  void serve(const std::vector<HandlerPtr>& handlers);
  /// Lets all go, for good: superd is about to end, or to become another.
  void close();

 private:
  OwnRooms rooms_;
  std::string starter_;
  std::unordered_map<const Handler*, std::shared_ptr<WarmPool>> pools_;
  std::unordered_set<const Handler*> in_use_;
  unsigned under_way_ = 0;
  bool is_closed_ = false;
};

}  // namespace superd
