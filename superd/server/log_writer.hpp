// SPDX-License-Identifier: MIT
// The log: events become lines of the format and on the way that the table says. A line waits in a
// bounded queue for a thread of its own: write() never blocks.
#pragma once

#include <memory>
#include <optional>

#include <spdlog/async_logger.h>

#include "superd/base/result.hpp"
#include "superd/core/event.hpp"
#include "superd/server/log_sink.hpp"

namespace superd {

class LogWriter {
 public:
  /// Errors: the log file can't be opened.
  static Result<std::unique_ptr<LogWriter>> open(const LogSettings& settings);
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  void write(const Event& event);

  /// Opens the log file anew, for those who rotate it; where that fails the old one goes on. True
  /// if there is a file.
  Result<bool> reopen();

  const LogSettings& settings() const { return settings_; }
  std::size_t dropped_lines() const;

 private:
  LogWriter(const LogSettings& settings, spdlog::sink_ptr sink, std::shared_ptr<LogSink> own);

  LogSettings settings_;
  std::shared_ptr<LogSink> own_sink_;  // absent where syslog or the journal takes the lines
  std::shared_ptr<spdlog::details::thread_pool> queue_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

}  // namespace superd
