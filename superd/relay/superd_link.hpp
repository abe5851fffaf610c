// SPDX-License-Identifier: MIT
// The relay's side of its conversation with superd. Reports wait where the socket is full, which
// ends: there are no more of them than connections that were taken.
#pragma once

#include <deque>
#include <optional>

#include "superd/core/relay_message.hpp"
#include "superd/os/fd.hpp"

namespace superd {

class SuperdLink {
 public:
  /// `socket` never blocks, and stays whose it is.
  explicit SuperdLink(int socket) : socket_(socket) {}

  struct Order {
    RelayOrder order;
    UniqueFd descriptor;
  };
  /// The next order that is there. Absent: none is, or the conversation is over.
  Result<std::optional<Order>> next();

  void report(const RelayReport& report);
  /// Sends what waits, as far as superd takes it.
  void flush();
  bool has_unsent() const { return !unsent_.empty(); }
  /// superd is gone: it is told nothing more.
  bool is_over() const { return is_over_; }
  int socket() const { return socket_; }

 private:
  bool send(const std::string& message);

  int socket_;
  std::deque<std::string> unsent_;
  bool is_over_ = false;
};

}  // namespace superd
