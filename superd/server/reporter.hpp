// SPDX-License-Identifier: MIT
// Tells what happened: to the log, and to whoever in the house follows events (metrics, superctl).
// The only room that prints while superd serves.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "superd/server/log_writer.hpp"

namespace superd {

class Reporter {
 public:
  using Follower = std::function<void(const Event& event)>;

  explicit Reporter(std::unique_ptr<LogWriter> log) : log_(std::move(log)) {}

  void report(const Event& event);

  /// Tells `follower` from now on, whatever the log's level; it must be quick. Until forget().
  void tell(Follower follower) { followers_.push_back(std::move(follower)); }
  void forget_followers() { followers_.clear(); }

  LogWriter& log() { return *log_; }
  /// Another log from the next event on; what the old one holds is still written.
  void write_to(std::unique_ptr<LogWriter> log);
  std::size_t dropped_lines() const { return dropped_before_ + log_->dropped_lines(); }

 private:
  std::unique_ptr<LogWriter> log_;
  std::vector<Follower> followers_;
  std::size_t dropped_before_ = 0;
};

}  // namespace superd
