// SPDX-License-Identifier: MIT
// Leads a stopped thread into the stub.
#pragma once

#include "superd/warm/pair.hpp"
#include "superd/warm/tracee.hpp"
#include "superd/warm/waiting.hpp"

namespace superd {

/// What the connection must be made into, and how the thread waits.
struct Planting {
  pid_t process = 0;
  WaitingThread waiting;
  std::vector<PairCopy> copies;
  PairState pair;
  std::vector<PairOption> options;  // to be set again
};

/// Stops the thread, gives it the two pages, lets it go in the stub. Errors: EAGAIN where it has
/// left its wait meanwhile and runs on; any other: it is in no state to be let run.
Result<void> plant_stub(const Planting& planting, TraceClock::time_point deadline);

}  // namespace superd
