// SPDX-License-Identifier: MIT
// What the handlers of one service write to stderr, line by line into the log. One pipe for all of
// them; whoever talks too much waits, not superd.
#pragma once

#include <string>

#include "superd/io/task.hpp"
#include "superd/os/log_pipe.hpp"
#include "superd/server/reporter.hpp"

namespace superd {

class HandlerLog {
 public:
  HandlerLog(Loop& loop, Reporter& reporter, std::string service, LogPipe pipe);

  int write_end() const { return write_end_.get(); }
  /// Reads until this ends; to be spawned once, by the owner, and outlived by it.
  awaitable<void> follow();
  /// What is in the pipe at the end, without waiting: the last words.
  void drain();

 private:
  std::size_t read_some();
  void take(std::string_view bytes);
  void report_line();

  Reporter& reporter_;
  std::string service_;
  UniqueFd write_end_;
  boost::asio::posix::stream_descriptor read_end_;
  std::string line_;
  bool is_cut_ = false;
};

}  // namespace superd
