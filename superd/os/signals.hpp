// SPDX-License-Identifier: MIT
// Signals as something to read: blocked in every thread, taken from one descriptor, never a
// handler.
#pragma once

#include <sys/types.h>

#include <vector>

#include "superd/base/result.hpp"
#include "superd/os/fd.hpp"

namespace superd {

/// Gives every signal its default disposition, whatever superd was started with (nohup ignores
/// HUP), and blocks CHLD, TERM, INT, HUP, USR1, USR2 and PIPE. Before the first thread.
void take_signals();

/// A non-blocking descriptor from which the signals that superd acts on are read (signalfd(2)).
Result<UniqueFd> signal_descriptor();

struct ArrivedSignal {
  int number = 0;
  pid_t child =
      0;  // of CHLD: one that has ended; others may have ended since without a signal of their own
};

/// The signals that have arrived, of the first few kinds; more are there for the next call.
std::vector<ArrivedSignal> arrived_signals(int descriptor);

}  // namespace superd
