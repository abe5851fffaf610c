// SPDX-License-Identifier: MIT
// Reporting.
#include "superd/server/reporter.hpp"

namespace superd {

void Reporter::report(const Event& event) {
  log_->write(event);
  for (const Follower& tell : followers_) tell(event);
}

void Reporter::write_to(std::unique_ptr<LogWriter> log) {
  dropped_before_ += log_->dropped_lines();
  log_ = std::move(log);
}

}  // namespace superd
