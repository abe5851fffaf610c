// SPDX-License-Identifier: MIT
// OpenMetrics text, line by line. open_metrics_parse.py reads it as a stranger would.
#include "superd/core/open_metrics.hpp"

#include <csignal>

#include "tests/catch.hpp"

using namespace superd;

namespace {

const WallTime morning{std::chrono::hours(400'000)};

DaemonState state() {
  DaemonState state;
  state.version = "1.2.3";
  state.started = morning;
  state.now = morning + Milliseconds(2500);
  state.services = 12;
  state.listeners = 15;
  state.is_paused = true;
  state.cpu = Milliseconds(1010);
  state.resident_memory = 5242880;
  state.open_descriptors = 48;
  state.descriptor_limit = 1024;
  return state;
}

Run run(const std::string& service) {
  return {service, UnixPeer{1000, 100, 4712, {"/run/x", false}}, 7, 4711};
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("superd itself as OpenMetrics") {
  Metrics metrics;
  metrics.observe(Paused{"x"}, morning);
  metrics.daemon().reloads = 2;
  ProcessCounts counts;
  counts.launch_latency.add(Microseconds(50));
  counts.launch_latency.add(Microseconds(60));
  counts.launch_latency.add(std::chrono::seconds(30));
  counts.dropped_lines = 3;
  metrics.take(counts);
  const std::string text = to_open_metrics(metrics, state());
  for (const char* line : {
           "# TYPE superd_build info",
           "superd_build_info{version=\"1.2.3\"} 1",
           "# UNIT superd_start_time_seconds seconds",
           "superd_start_time_seconds 1440000000.000000",
           "superd_uptime_seconds 2.500000",
           "superd_services 12",
           "superd_listeners 15",
           "superd_listeners_paused 1",
           "superd_listener_pauses_total 1",
           "superd_connections_total 0",
           "superd_reloads_total{result=\"ok\"} 2",
           "superd_reloads_total{result=\"failed\"} 0",
           "superd_dropped_log_lines_total 3",
           "superd_cpu_seconds_total 1.010000",
           "superd_resident_memory_bytes 5242880",
           "superd_open_descriptors 48",
           "superd_descriptor_limit 1024",
           "superd_launch_latency_seconds_bucket{le=\"5e-05\"} 1",
           "superd_launch_latency_seconds_bucket{le=\"0.0001\"} 2",
           "superd_launch_latency_seconds_bucket{le=\"10.0\"} 2",
           "superd_launch_latency_seconds_bucket{le=\"+Inf\"} 3",
           "superd_launch_latency_seconds_count 3",
           "superd_launch_latency_seconds_sum 30.000110",
       }) {
    CAPTURE(line);
    CHECK(has_line(text, line));
  }
  CHECK(text.find("service=") == std::string::npos);
  CHECK(text.substr(text.size() - 7) == "\n# EOF\n");
}

TEST_CASE("a service as OpenMetrics") {
  Metrics metrics;
  for (int i = 0; i < 3; ++i) metrics.observe(Started{run("hello")}, morning);
  metrics.observe(Ended{run("hello"), {0, Milliseconds(20), {}, 0, false, Stop::none}}, morning);
  metrics.observe(Ended{run("hello"), {SIGTERM, Milliseconds(60'000), {}, 0, false, Stop::timeout}},
                  morning);
  metrics.observe(LaunchFailed{run("gone"), "exec", 2}, morning + Milliseconds(1));
  metrics.refused("hello", "rate");
  const std::string text = to_open_metrics(metrics, state());
  for (const char* line : {
           "superd_starts_total{service=\"hello\"} 3",
           "superd_launch_failures_total{service=\"gone\",step=\"exec\"} 1",
           "superd_ends_total{service=\"hello\",status=\"fine\"} 1",
           "superd_ends_total{service=\"hello\",status=\"failed\"} 0",
           "superd_ends_total{service=\"hello\",status=\"signal\"} 1",
           "superd_stops_total{service=\"hello\",reason=\"timeout\"} 1",
           "superd_refusals_total{service=\"hello\",reason=\"rate\"} 1",
           "superd_running{service=\"hello\"} 1",
           "superd_last_used_timestamp_seconds{service=\"gone\"} 1440000000.001000",
           "superd_run_duration_seconds_bucket{service=\"hello\",le=\"0.1\"} 1",
           "superd_run_duration_seconds_bucket{service=\"hello\",le=\"60.0\"} 2",
           "superd_run_duration_seconds_bucket{service=\"hello\",le=\"+Inf\"} 2",
           "superd_run_duration_seconds_count{service=\"hello\"} 2",
           "superd_run_duration_seconds_sum{service=\"hello\"} 60.020000",
       }) {
    CAPTURE(line);
    CHECK(has_line(text, line));
  }
  CHECK(text.find("starts_total{service=\"gone\"") < text.find("starts_total{service=\"hello\""));
}

TEST_CASE("a name can't break out of its label") {
  struct Row {
    std::string name, label;
  };
  const Row row = GENERATE(values<Row>({
      {"a_b-c.d+e@f", "a_b-c.d+e@f"},
      {"say \"hi\"", "say \\\"hi\\\""},
      {"back\\slash", "back\\\\slash"},
      {"two\nlines", "two\\nlines"},
      {"} 1 # EOF", "} 1 # EOF"},
      {"Grüße", "Grüße"},
      {"cut \xC3", "cut \xEF\xBF\xBD"},
      {"", ""},
  }));
  Metrics metrics;
  metrics.refused(row.name, "rate");
  CHECK(has_line(to_open_metrics(metrics, state()),
                 "superd_refusals_total{service=\"" + row.label + "\",reason=\"rate\"} 1"));
}

TEST_CASE("a clock that was set back makes no negative uptime") {
  DaemonState odd = state();
  odd.now = odd.started - std::chrono::hours(1);
  CHECK(has_line(to_open_metrics(Metrics(), odd), "superd_uptime_seconds 0.000000"));
}
