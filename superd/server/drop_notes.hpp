// SPDX-License-Identifier: MIT
// Says in the log how many lines are missing from it, where they are missing. On the writer's
// thread, before the next line it writes: there the note itself can't be dropped.
#pragma once

#include <functional>
#include <string>

#include <spdlog/sinks/sink.h>

namespace superd {

class DropNotes final : public spdlog::sinks::sink {
 public:
  /// `note`: the text for a number of lines.
  DropNotes(spdlog::sink_ptr to, std::function<std::string(std::size_t)> note)
      : to_(std::move(to)), note_(std::move(note)) {}

  /// `dropped`: how many lines so far. Before the first line.
  void count_with(std::function<std::size_t()> dropped) { dropped_ = std::move(dropped); }

  void log(const spdlog::details::log_msg& message) override;
  void flush() override { to_->flush(); }
  void set_pattern(const std::string& pattern) override { to_->set_pattern(pattern); }
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    to_->set_formatter(std::move(formatter));
  }

 private:
  spdlog::sink_ptr to_;
  std::function<std::string(std::size_t)> note_;
  std::function<std::size_t()> dropped_;
  std::size_t noted_ = 0;
};

}  // namespace superd
