// SPDX-License-Identifier: MIT
// One request to superd and its answer, line by line (docs/CONTROL.md). Every wait has a deadline;
// errors say what happened and carry the errno behind it.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>

#include "superd/base/number.hpp"
#include "superd/base/result.hpp"
#include "superd/os/fd.hpp"

namespace superd {

class Conversation {
 public:
  /// Connects to the socket at `path` and sends `words`; neither takes longer than `patience`.
  static Result<Conversation> open(const std::string& path, std::span<const std::string> words,
                                   Milliseconds patience);

  /// The next line without its end; nullopt when superd has said all. Without `patience` it waits
  /// for ever. Errors: none in time (ETIMEDOUT), or the end came in the middle of a line.
  Result<std::optional<std::string>> next_line(std::optional<Milliseconds> patience);

  /// For one who waits for other things too: reads what has come, never waiting. False at the end.
  Result<bool> read_what_came();
  /// A line that has been read.
  std::optional<std::string> take_line();
  /// Readable when there may be more.
  int fd() const { return socket_.get(); }

 private:
  explicit Conversation(UniqueFd socket) : socket_(std::move(socket)) {}

  UniqueFd socket_;
  std::string seen_;
  std::size_t searched_ = 0;  // bytes of seen_ that are known to hold no line end
  bool ended_ = false;
};

}  // namespace superd
