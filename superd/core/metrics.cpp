// SPDX-License-Identifier: MIT
// Events to counts: one look into the table of names for each event of a service.
#include "superd/core/metrics.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <vector>

#include "superd/base/overloaded.hpp"

namespace superd {
namespace {

void count(Tally& tally, std::string_view name) {
  const auto found = tally.find(name);
  if (found != tally.end())
    ++found->second;
  else
    tally.emplace(name, 1);
}

}  // namespace

std::uint64_t total(const Tally& tally) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : tally) sum += count;
  return sum;
}

void Metrics::observe(const Event& event, WallTime now) {
  std::visit(Overloaded{[&](const Started& e) {
                          began(e.run);
                          ServiceMetrics& service = of(e.run.service);
                          ++service.started;
                          ++service.running;
                          service.last_used = now;
                        },
                        [&](const Ended& e) { count_end(e, now); },
                        [&](const ForwardEnded& e) { count_forwarded(e, now); },
                        [&](const LaunchFailed& e) { count_launch_failure(e, now); },
                        [&](const Paused&) { ++daemon_.pauses; },
                        [&](const Reloaded&) { ++daemon_.reloads; },
                        [&](const ReloadRefused&) { ++daemon_.failed_reloads; },
                        [&](const Upgraded&) { ++daemon_.upgrades; },
                        // LinesDropped is not among them: the log's writer says it on a thread of
                        // its own, and the count comes with take().
                        [](const auto&) {}},
             event);
}

void Metrics::began(const Run& run) {
  daemon_.connections = std::max(daemon_.connections, run.connection);
}

void Metrics::count_end(const Ended& ended, WallTime now) {
  ServiceMetrics& service = of(ended.run.service);
  const int status = ended.exit.status;
  if (WIFSIGNALED(status))
    ++service.by_signal;
  else
    ++(WEXITSTATUS(status) == 0 ? service.fine : service.failed);
  if (ended.exit.stop != Stop::none) count(service.stops, name_of(ended.exit.stop));
  if (service.running > 0) --service.running;
  service.last_used = now;
  service.durations.add(ended.exit.duration);
}

// One that both sides closed is as good as an exit of 0. Without a pid no relay ever had it.
void Metrics::count_forwarded(const ForwardEnded& ended, WallTime now) {
  if (ended.run.pid == 0) return count_launch_failure({ended.run, "relay", 0}, now);
  ServiceMetrics& service = of(ended.run.service);
  ++(ended.how.end == RelayEnd::closed ? service.fine : service.failed);
  count(service.forward_ends, name_of(ended.how.end));
  if (ended.stop != Stop::none) count(service.stops, name_of(ended.stop));
  service.bytes_in += ended.how.bytes_in;
  service.bytes_out += ended.how.bytes_out;
  if (service.running > 0) --service.running;
  service.last_used = now;
  service.durations.add(ended.duration);
}

// With a pid there was a process, which had been counted as started.
void Metrics::count_launch_failure(const LaunchFailed& failed, WallTime now) {
  began(failed.run);
  ServiceMetrics& service = of(failed.run.service);
  count(service.launch_failures, failed.step);
  if (failed.run.pid != 0 && service.running > 0) --service.running;
  service.last_used = now;
}

void Metrics::refused(const std::string& service, std::string_view reason) {
  count(of(service).refusals, reason);
}

const ServiceMetrics* Metrics::find(const std::string& service) const {
  const auto found = services_.find(service);
  return found == services_.end() ? nullptr : &found->second;
}

Histogram Metrics::launch_latency() const {
  Histogram all = earlier_.launch_latency;
  all.add(process_.launch_latency);
  return all;
}

ServiceMetrics& Metrics::of(const std::string& service) {
  const auto found = services_.find(service);
  if (found != services_.end()) return found->second;
  if (services_.size() >= most_services_) forget_the_oldest();
  return services_[service];
}

// A quarter at once, so that with more names than there is room for not each of them walks the
// whole table.
void Metrics::forget_the_oldest() {
  std::vector<Services::const_iterator> idle;
  for (auto one = services_.cbegin(); one != services_.cend(); ++one)
    if (one->second.running == 0) idle.push_back(one);
  const std::size_t some = std::min(idle.size(), most_services_ / 4 + 1);
  const auto end_of_some = idle.begin() + static_cast<std::ptrdiff_t>(some);
  std::nth_element(idle.begin(), end_of_some, idle.end(), [](const auto& a, const auto& b) {
    return a->second.last_used < b->second.last_used;
  });
  for (auto one = idle.begin(); one != end_of_some; ++one) services_.erase(*one);
}

}  // namespace superd
