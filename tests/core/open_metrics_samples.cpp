// SPDX-License-Identifier: MIT
// Prints what superd would say to 'superctl metrics' in one of several situations:
//   open_metrics_samples nothing|odd|NUMBER       NUMBER: so many services
// For open_metrics_parse.py, and to measure what a large answer costs.
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "superd/core/open_metrics.hpp"

using namespace superd;

namespace {

const WallTime morning{std::chrono::hours(400'000)};

void use(Metrics& metrics, const std::string& service) {
  const Run run{service, UnixPeer{1000, 100, 4712, {"/run/x", false}}, 7, 4711};
  for (int i = 0; i < 4; ++i) metrics.observe(Started{run}, morning);
  metrics.observe(Ended{run, {0, Milliseconds(12), {}, 0, false, Stop::none}}, morning);
  metrics.observe(Ended{run, {SIGTERM, Milliseconds(61'234), {}, 0, false, Stop::timeout}},
                  morning);
  metrics.observe(LaunchFailed{run, "exec", 2}, morning);
  metrics.refused(service, "rate");
  metrics.refused(service, "address");
}

Metrics metrics_of(const std::string& situation) {
  Metrics metrics;
  if (situation == "nothing") return metrics;
  ProcessCounts counts;
  for (int i = 1; i < 2'000'000; i = i * 3 + 1) counts.launch_latency.add(Microseconds(i));
  metrics.take(counts);
  if (situation == "odd")
    for (const char* name : {"a_b-c.d+e@f", "say \"hi\"", "back\\slash", "\\", "two\nlines", "\r\t",
                             "} 1 # EOF", "a,b=\"c\"", "Grüße", "cut \xC3", "\xFF\xFE", ""})
      use(metrics, name);
  else
    for (int i = std::atoi(situation.c_str()); i > 0; --i)
      use(metrics, "service" + std::to_string(i));
  return metrics;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  DaemonState state;
  state.version = "0.0.0";
  state.started = morning;
  state.now = morning + Milliseconds(90'061'001);
  state.services = 3;
  state.resident_memory = 5'242'880;
  state.cpu = Milliseconds(1234);
  const std::string text = to_open_metrics(metrics_of(argv[1]), state);
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
