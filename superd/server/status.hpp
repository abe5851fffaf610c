// SPDX-License-Identifier: MIT
// What superd is doing, as JSON for administrators: the members that docs/CONTROL.md describes.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "superd/core/metrics.hpp"
#include "superd/server/roster.hpp"

namespace superd {

/// Of superd itself.
struct DaemonStatus {
  std::string user, table;  // `table` empty: the command line
  WallTime started;
  bool is_draining = false;
};
nlohmann::ordered_json to_json(const DaemonStatus& status, const Roster& roster,
                               const Runtime& runtime);

/// Of the service at a position in the roster.
nlohmann::ordered_json service_to_json(const Roster& roster, std::size_t service,
                                       const Metrics& metrics, const WarmPools& warm);

nlohmann::ordered_json to_json(const Ban& ban);

/// Whether it runs or has run anything.
bool is_active(const ServiceMetrics* metrics);

nlohmann::ordered_json to_json(const Session& session);

}  // namespace superd
