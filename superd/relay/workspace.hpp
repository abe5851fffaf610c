// SPDX-License-Identifier: MIT
// What all connections of a relay share for the moment that their bytes are under way: a buffer for
// small pieces, pipes for large ones. An idle connection has neither.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "superd/os/stream_pipe.hpp"

namespace superd {

class Workspace {
 public:
  /// What is larger goes through a pipe.
  static constexpr std::size_t small = 32 * 1024;
  static constexpr int pipe_size = 1024 * 1024;

  std::array<char, small>& buffer() { return buffer_; }
  /// An empty pipe; absent where there is none to be had.
  std::optional<StreamPipe> borrow();
  /// Empty again.
  void give_back(StreamPipe pipe);

 private:
  std::array<char, small> buffer_{};
  std::vector<StreamPipe> spare_;
};

}  // namespace superd
