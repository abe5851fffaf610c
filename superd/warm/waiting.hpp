// SPDX-License-Identifier: MIT
// Whether a program has come to wait for its input, and how: it looks and changes nothing.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "superd/warm/process_files.hpp"

namespace superd {

/// A thread that waits for the pair to become readable, and for nothing else.
struct WaitingThread {
  pid_t thread = 0;
  int descriptor = 0;  // that it waits on
  WaitCall call{};
  Word first_argument = 0;
};

struct NotYet {
  std::string because;  // empty: it is busy with something else
};

/// It waits for the pair in a way that can't be led elsewhere.
struct Never {
  std::string because;
};

using Waiting = std::variant<NotYet, WaitingThread, Never>;

/// `copies` are its descriptors that are the pair.
Waiting find_waiting(pid_t process, const std::vector<PairCopy>& copies);

}  // namespace superd
