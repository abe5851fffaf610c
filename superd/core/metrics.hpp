// SPDX-License-Identifier: MIT
// What is counted: events, per service and for superd itself. A service has no place here before
// its first event, so one that is idle costs nothing; after it, nothing is allocated but for the
// first step, reason or stop of its kind. Counts only grow, through upgrades in place as well.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "superd/base/result.hpp"
#include "superd/core/event.hpp"
#include "superd/core/histogram.hpp"

namespace superd {

using WallTime = std::chrono::system_clock::time_point;

/// Counts by a name that comes from superd, never from a stranger: there are few.
using Tally = std::map<std::string, std::uint64_t, std::less<>>;

/// All names together.
std::uint64_t total(const Tally& tally);

/// Of one service.
struct ServiceMetrics {
  std::uint64_t started = 0;  // processes made; those whose launch failed later are among them
  std::uint64_t fine = 0, failed = 0, by_signal = 0;  // ends: exit 0, another exit, a signal
  std::uint64_t running = 0;
  Tally launch_failures;  // by step
  Tally stops;            // ends that superd asked for, by its reason; counted as ends as well
  Tally refusals;         // by reason
  Tally forward_ends;     // of forwarded connections, by how; counted as ends as well
  std::uint64_t bytes_in = 0, bytes_out = 0;  // of these, from and to clients
  std::optional<WallTime> last_used;  // when a handler last started, ended or failed to start
  Histogram durations{duration_scale};
};

/// Of superd itself.
struct DaemonMetrics {
  std::uint64_t connections = 0;  // the number of the newest that an event told of
  std::uint64_t pauses = 0;
  std::uint64_t reloads = 0, failed_reloads = 0, upgrades = 0;
};

/// What a process of superd counts by itself since it started: no event tells it.
struct ProcessCounts {
  Histogram launch_latency{latency_scale};  // from accept to exec
  std::uint64_t dropped_lines = 0;
};

class Metrics {
 public:
  using Services = std::unordered_map<std::string, ServiceMetrics>;

  /// Names to be kept. One more, and the quarter that was used longest ago is forgotten, whether
  /// still in the table or not; but none that runs.
  explicit Metrics(std::size_t most_services = 65536) : most_services_(most_services) {}

  void observe(const Event& event, WallTime now);

  /// A peer was refused; `reason` is the refusal's name.
  void refused(const std::string& service, std::string_view reason);

  /// Keeps the counts of this process as they are now; those of the processes before it are added
  /// by launch_latency() and dropped_lines(). To be called before save() and before rendering.
  void take(const ProcessCounts& counts) { process_ = counts; }

  const DaemonMetrics& daemon() const { return daemon_; }
  DaemonMetrics& daemon() { return daemon_; }
  const Services& services() const { return services_; }
  /// Null where the service had no event yet.
  const ServiceMetrics* find(const std::string& service) const;
  Histogram launch_latency() const;
  std::uint64_t dropped_lines() const { return earlier_.dropped_lines + process_.dropped_lines; }

  /// All counts as JSON, for the process that takes over.
  std::string save() const;
  /// What save() wrote, by this version or another: members that are unknown or not what they
  /// should be are passed over, those that are missing are zero. Error: this is no JSON object.
  static Result<Metrics> restored(std::string_view json);

 private:
  ServiceMetrics& of(const std::string& service);
  void began(const Run& run);
  void count_end(const Ended& ended, WallTime now);
  void count_forwarded(const ForwardEnded& ended, WallTime now);
  void count_launch_failure(const LaunchFailed& failed, WallTime now);
  void forget_the_oldest();

  std::size_t most_services_;
  Services services_;
  DaemonMetrics daemon_;
  ProcessCounts earlier_, process_;
};

}  // namespace superd
