// SPDX-License-Identifier: MIT
// What happened lately and what happens: remembers the last events and hands new ones to whoever
// follows. On the path of every connection: an event is kept as it is, and becomes text only when
// somebody asks.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "superd/base/timestamp.hpp"
#include "superd/core/event.hpp"
#include "superd/io/task.hpp"

namespace superd {

/// "info", "warning", …
const char* name_of(LogLevel level);

/// The service that `event` is about; null: superd itself.
const std::string* service_of(const Event& event);

/// One JSON object: the time, the level and the members of the event.
std::string to_json_line(Moment time, const Event& event);

class Feed {
 public:
  static constexpr std::size_t most_remembered = 512;  // events
  static constexpr std::size_t longest_queue = 1000;   // events that a follower hasn't taken
  static constexpr std::size_t largest_queue = std::size_t{256} * 1024;  // bytes of them

  /// Absent: the events of all services and superd's own.
  using Filter = std::optional<std::string>;

  /// Somebody who is told what happens from now on, for as long as this exists.
  class Follower {
   public:
    Follower(Filter filter, Alarm& arrived) : filter_(std::move(filter)), arrived_(arrived) {}

    /// The lines since the last time, each with its end, and last how many were missed because
    /// they weren't taken in time. Empty: none; then `arrived` rings when there are.
    std::string take();

   private:
    friend class Feed;
    void add(const std::string& line);

    Filter filter_;
    Alarm& arrived_;
    std::string lines_;
    std::size_t count_ = 0;
    std::uint64_t missed_ = 0;
  };

  void publish(const Event& event);

  /// The last events, oldest first, a line each.
  std::string remembered(const Filter& filter) const;

  /// `arrived` outlives the follower.
  std::shared_ptr<Follower> follow(Filter filter, Alarm& arrived);

 private:
  struct Remembered {
    Moment time;
    Event event;
  };

  void tell(const Remembered& news);

  std::vector<Remembered> ring_;
  std::size_t oldest_ = 0;
  std::vector<std::weak_ptr<Follower>> followers_;
};

}  // namespace superd
