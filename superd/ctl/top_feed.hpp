// SPDX-License-Identifier: MIT
// What top asks superd, without ever waiting for it: whoever holds this also waits for keys.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "superd/ctl/answer.hpp"
#include "superd/ctl/conversation.hpp"

namespace superd {

/// One question. It has failed when there is no answer after ten seconds.
class Inquiry {
 public:
  Inquiry(const std::string& socket, std::vector<std::string> words);

  /// To wait on; -1 where there is nothing to wait for.
  int fd() const;
  /// The answer, or why there is none; absent while it may still come.
  std::optional<Result<Answer>> answer();

 private:
  Result<Conversation> conversation_;
  std::chrono::steady_clock::time_point end_;
};

/// A look: status, then ps.
class TopFeed {
 public:
  explicit TopFeed(std::string socket) : socket_(std::move(socket)) {}

  /// Begins a look, if none is under way.
  void begin();
  bool busy() const { return inquiry_.has_value(); }
  int fd() const { return inquiry_ ? inquiry_->fd() : -1; }

  struct Answers {
    Json status, ps;
  };
  /// Absent while it is under way.
  std::optional<Result<Answers>> answers();

 private:
  std::string socket_;
  std::optional<Inquiry> inquiry_;
  std::optional<Json> status_;  // while ps is asked
  bool many_ = false;           // services, at the last look
};

/// The answer if superd did what was asked, else its own words.
Result<Answer> granted(Result<Answer> answer);

}  // namespace superd
