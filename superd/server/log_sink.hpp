// SPDX-License-Identifier: MIT
// Where log lines go when they go to a descriptor: stderr or a file. Runs on spdlog's thread, so a
// reader who doesn't read stops lines, never the loop; and not even the end of superd.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

#include <spdlog/sinks/base_sink.h>

#include "superd/base/result.hpp"
#include "superd/os/fd.hpp"

namespace superd {

/// Opens a log file for appending, 0640, never through a link.
Result<UniqueFd> open_log_file(const std::string& path);

/// Lines that come close together are written together: a system call and a wake-up for each would
/// cost more than all else superd does for a connection.
class LogSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LogSink(UniqueFd fd) : fd_(std::move(fd)) {}

  /// `more`: whether further lines are waiting already. Before the first line.
  void ask_for_more(std::function<bool()> more) { more_ = std::move(more); }
  /// Writes to `fd` from the next line on.
  void replace(UniqueFd fd);
  /// From now on nobody is waited for.
  void stop_waiting();

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override { write_lines(); }

 private:
  void write_lines();
  void take_next_descriptor();
  bool wait_writable();
  bool still_waits();
  void gather();

  UniqueFd fd_;
  UniqueFd next_fd_;  // guarded by waiting_
  std::function<bool()> more_ = [] { return false; };
  spdlog::memory_buf_t lines_;
  std::mutex waiting_;
  std::condition_variable stopped_;
  bool waits_ = true;  // guarded by waiting_
};

}  // namespace superd
