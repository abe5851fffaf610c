// SPDX-License-Identifier: MIT
// Metrics as OpenMetrics text 1.0.0, which Prometheus and its like read. Pure: what isn't counted
// is handed in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "superd/core/metrics.hpp"

namespace superd {

/// What superd is at this moment.
struct DaemonState {
  std::string version;
  WallTime started, now;
  std::size_t services = 0, listeners = 0;
  bool is_paused = false;  // no listener accepts
  Milliseconds cpu{0};
  std::uint64_t resident_memory = 0;  // bytes
  std::uint64_t open_descriptors = 0, descriptor_limit = 0;
};

/// The whole text, `# EOF` and its line end included. Services in the order of their names; one
/// that had no event yet is not in it.
std::string to_open_metrics(const Metrics& metrics, const DaemonState& state);

}  // namespace superd
