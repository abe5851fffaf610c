// SPDX-License-Identifier: MIT
// What the handlers of one service write to stderr, line by line into the log. One pipe for all of
// them; whoever talks too much waits, not superd. It lives as long as anybody can write to it:
// longer than its service, where a handler is left.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "superd/io/task.hpp"
#include "superd/os/log_pipe.hpp"
#include "superd/server/reporter.hpp"

namespace superd {

class HandlerLog;

/// All there are, for the last words and for an upgrade. Outlives them.
using HandlerLogs = std::set<HandlerLog*>;

class HandlerLog {
 public:
  HandlerLog(Loop& loop, Reporter& reporter, HandlerLogs& all, std::string service, LogPipe pipe);
  ~HandlerLog() { all_.erase(this); }
  HandlerLog(const HandlerLog&) = delete;
  HandlerLog& operator=(const HandlerLog&) = delete;

  const std::string& service() const { return service_; }
  int read_end() { return read_end_.native_handle(); }
  int write_end() const { return write_end_.get(); }  // -1: retired

  /// Reads until the log is retired and the last handler has closed its end; to be spawned once.
  static awaitable<void> follow(std::shared_ptr<HandlerLog> log);
  /// No further handler will get it.
  void retire() { write_end_.reset(); }
  /// What is in the pipe at the end of superd, without waiting: the last words.
  void drain();

 private:
  enum class Read : std::uint8_t { some, full, nothing, end };
  Read read_some();
  void take(std::string_view bytes);
  void report_line();
  void report_rest();

  Reporter& reporter_;
  HandlerLogs& all_;
  std::string service_;
  UniqueFd write_end_;
  boost::asio::posix::stream_descriptor read_end_;
  std::string line_;
  bool is_cut_ = false;
};

}  // namespace superd
