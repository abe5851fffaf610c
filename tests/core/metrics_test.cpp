// SPDX-License-Identifier: MIT
// Events in, counts out; and counts through an upgrade.
#include "superd/core/metrics.hpp"

#include <cerrno>
#include <csignal>

#include "tests/catch.hpp"

using namespace superd;
using std::chrono::seconds;

namespace {

const WallTime morning{std::chrono::hours(400'000)};

Run run(const std::string& service, pid_t pid = 4711, std::uint64_t connection = 7) {
  return {service, UnixPeer{1000, 100, 4712, {"/run/x", false}}, connection, pid};
}

constexpr int exited(int code) { return code << 8; }

Ended ended(const std::string& service, int status, Stop stop = Stop::none,
            Milliseconds duration = Milliseconds(1500)) {
  return {run(service), {status, duration, Milliseconds(12), 0, false, stop}};
}

const ServiceMetrics& of(const Metrics& metrics, const std::string& service) {
  const ServiceMetrics* found = metrics.find(service);
  if (!found) throw std::out_of_range("nothing is counted of " + service);
  return *found;
}

Metrics busy() {
  Metrics metrics;
  for (int i = 0; i < 3; ++i) metrics.observe(Started{run("hello")}, morning);
  metrics.observe(ended("hello", exited(0)), morning);
  metrics.observe(ended("hello", SIGTERM, Stop::timeout), morning + seconds(1));
  metrics.observe(LaunchFailed{run("gone", 0, 9), "clone", EAGAIN}, morning);
  metrics.refused("hello", "rate");
  metrics.observe(Paused{"Too many open files"}, morning);
  metrics.daemon().reloads = 2;
  metrics.daemon().failed_reloads = 1;
  metrics.daemon().upgrades = 3;
  ProcessCounts counts;
  counts.launch_latency.add(Microseconds(300));
  counts.dropped_lines = 5;
  metrics.take(counts);
  return metrics;
}

}  // namespace

TEST_CASE("forwarded connections are counted by how they ended, and their bytes") {
  Metrics metrics;
  const auto ended = [](pid_t pid, RelayEnd end, Stop stop = Stop::none) {
    Run run{"x", UnixPeer{}, 1, pid};
    return ForwardEnded{std::move(run), {1, 10, 20, end, 0, {}}, Milliseconds(5), stop};
  };
  const WallTime now{};
  for (int i = 0; i < 4; ++i) metrics.observe(Started{{"x", UnixPeer{}, 1, 5}}, now);
  metrics.observe(ended(5, RelayEnd::closed), now);
  metrics.observe(ended(5, RelayEnd::closed), now);
  metrics.observe(ended(5, RelayEnd::stopped, Stop::administrator), now);
  metrics.observe(ended(0, RelayEnd::shortage), now);
  const auto again = Metrics::restored(metrics.save());
  REQUIRE(again.has_value());
  const Metrics* const both[] = {&metrics, &*again};
  for (const Metrics* one : both) {
    const ServiceMetrics& service = *one->find("x");
    CHECK(service.fine == 2);
    CHECK(service.failed == 1);
    CHECK(service.running == 1);
    CHECK(service.forward_ends == Tally{{"closed", 2}, {"stopped", 1}});
    CHECK(service.stops == Tally{{"administrator", 1}});
    CHECK(service.launch_failures == Tally{{"relay", 1}});
    CHECK(service.bytes_in == 30);
    CHECK(service.bytes_out == 60);
  }
}

TEST_CASE("a service without an event has no place") {
  Metrics metrics;
  for (const Event& event :
       {Event(Listening{"hello", "127.0.0.1:79"}), Event(StderrLine{"hello", "x", false}),
        Event(Ready{1, 1}), Event(Stopped{}), Event(Notice{LogLevel::info, "x"})})
    metrics.observe(event, morning);
  CHECK(metrics.services().empty());
  CHECK(!metrics.find("hello"));
}

TEST_CASE("starts and ends are counted, by how they ended") {
  struct Row {
    int status;
    std::uint64_t fine, failed, by_signal;
  };
  const Row row = GENERATE(values<Row>({
      {exited(0), 1, 0, 0},
      {exited(1), 0, 1, 0},
      {exited(127), 0, 1, 0},
      {SIGKILL, 0, 0, 1},
      {SIGSEGV | 0x80, 0, 0, 1},
  }));
  Metrics metrics;
  metrics.observe(Started{run("hello")}, morning);
  CHECK(of(metrics, "hello").running == 1);
  CHECK(of(metrics, "hello").last_used == morning);
  metrics.observe(ended("hello", row.status), morning + seconds(2));
  const ServiceMetrics& hello = of(metrics, "hello");
  CHECK(hello.started == 1);
  CHECK(hello.running == 0);
  CHECK(hello.fine == row.fine);
  CHECK(hello.failed == row.failed);
  CHECK(hello.by_signal == row.by_signal);
  CHECK(hello.stops.empty());
  CHECK(hello.durations.count() == 1);
  CHECK(hello.durations.sum() == Milliseconds(1500));
  CHECK(hello.last_used == morning + seconds(2));
}

TEST_CASE("a stop is counted by its reason, beside the end") {
  Metrics metrics;
  for (const Stop stop : {Stop::timeout, Stop::timeout, Stop::client_gone, Stop::shutdown}) {
    metrics.observe(Started{run("hello")}, morning);
    metrics.observe(ended("hello", SIGTERM, stop), morning);
  }
  CHECK(of(metrics, "hello").by_signal == 4);
  CHECK(of(metrics, "hello").stops == Tally{{"timeout", 2}, {"client-gone", 1}, {"shutdown", 1}});
}

TEST_CASE("a launch that failed isn't running, whether or not there was a process") {
  Metrics metrics;
  metrics.observe(Started{run("hello")}, morning);
  metrics.observe(Started{run("hello", 4712)}, morning);
  metrics.observe(LaunchFailed{run("hello"), "exec", ENOENT}, morning);
  metrics.observe(LaunchFailed{run("hello", 0), "clone", EAGAIN}, morning + seconds(1));
  metrics.observe(LaunchFailed{run("hello", 0), "clone", EAGAIN}, morning + seconds(1));
  const ServiceMetrics& hello = of(metrics, "hello");
  CHECK(hello.started == 2);
  CHECK(hello.running == 1);
  CHECK(hello.launch_failures == Tally{{"exec", 1}, {"clone", 2}});
  CHECK(total(hello.launch_failures) == 3);
  CHECK(hello.last_used == morning + seconds(1));
  CHECK(hello.durations.count() == 0);
}

TEST_CASE("an end of what nobody started makes nothing less than zero") {
  Metrics metrics;
  metrics.observe(ended("hello", exited(0)), morning);
  metrics.observe(LaunchFailed{run("hello"), "exec", ENOENT}, morning);
  CHECK(of(metrics, "hello").running == 0);
}

TEST_CASE("a refusal is counted by its reason, and is no use of the service") {
  Metrics metrics;
  metrics.refused("hello", "rate");
  metrics.refused("hello", "address");
  metrics.refused("hello", "rate");
  CHECK(of(metrics, "hello").refusals == Tally{{"rate", 2}, {"address", 1}});
  CHECK(!of(metrics, "hello").last_used);
}

TEST_CASE("superd itself") {
  Metrics metrics;
  metrics.observe(Started{run("hello", 1, 12)}, morning);
  metrics.observe(Started{run("hello", 1, 11)}, morning);  // out of order: it had been held
  metrics.observe(Paused{"x"}, morning);
  metrics.observe(Resumed{Milliseconds(1)}, morning);
  metrics.observe(Paused{"x"}, morning);
  CHECK(metrics.daemon().connections == 12);
  CHECK(metrics.daemon().pauses == 2);
}

TEST_CASE("beyond the bound, idle services that were used longest ago are forgotten") {
  Metrics metrics(8);
  const auto name = [](int i) { return "service" + std::to_string(i); };
  metrics.observe(Started{run("held")}, morning);
  for (int i = 1; i < 8; ++i) {
    metrics.observe(Started{run(name(i))}, morning + seconds(i));
    metrics.observe(ended(name(i), exited(0)), morning + seconds(i));
  }
  CHECK(metrics.services().size() == 8);
  metrics.observe(Started{run("new")}, morning + seconds(9));
  CHECK(metrics.services().size() == 6);  // a quarter and one are gone, one came
  CHECK(metrics.find("held"));
  CHECK(metrics.find("new"));
  for (int i = 1; i < 8; ++i) CHECK((metrics.find(name(i)) != nullptr) == (i > 3));
}

TEST_CASE("what runs is never forgotten") {
  Metrics metrics(2);
  for (const char* name : {"a", "b", "c", "d"}) metrics.observe(Started{run(name)}, morning);
  CHECK(metrics.services().size() == 4);
  metrics.observe(ended("a", exited(0)), morning);
  metrics.observe(Started{run("e")}, morning);
  CHECK(!metrics.find("a"));
  CHECK(metrics.services().size() == 4);
}

TEST_CASE("all counts survive an upgrade, and go on") {
  auto restored = Metrics::restored(busy().save());
  REQUIRE(restored.has_value());
  CHECK(restored->save() == busy().save());

  Metrics& metrics = *restored;
  const ServiceMetrics& hello = of(metrics, "hello");
  CHECK(hello.started == 3);
  CHECK(hello.running == 1);
  CHECK(hello.fine == 1);
  CHECK(hello.by_signal == 1);
  CHECK(hello.stops == Tally{{"timeout", 1}});
  CHECK(hello.refusals == Tally{{"rate", 1}});
  CHECK(hello.last_used == morning + seconds(1));
  CHECK(hello.durations.sum() == seconds(3));
  CHECK(of(metrics, "gone").launch_failures == Tally{{"clone", 1}});
  CHECK(metrics.daemon().connections == 9);
  CHECK(metrics.daemon().upgrades == 3);

  metrics.observe(ended("hello", exited(0)), morning);  // a child from before
  CHECK(of(metrics, "hello").running == 0);
  ProcessCounts counts;
  counts.launch_latency.add(Microseconds(700));
  counts.dropped_lines = 1;
  metrics.take(counts);
  metrics.take(counts);  // the same process, later: not twice
  CHECK(metrics.dropped_lines() == 6);
  CHECK(metrics.launch_latency().count() == 2);
  CHECK(metrics.launch_latency().sum() == Microseconds(1000));
}

TEST_CASE("what another version saved is taken as far as it is understood") {
  const auto restored = Metrics::restored(R"({
      "future": [1], "daemon": {"pauses": 4, "reloads": "many", "future": {}},
      "launch_latency": {"buckets": [[60, 2], [null, 1], [-1, 5], "x", [1]], "sum_us": -4},
      "dropped_lines": -3,
      "services": {"hello": {"started": 5, "fine": 2.5, "refusals": [7], "future": null},
                   "odd": 17}})");
  REQUIRE(restored.has_value());
  CHECK(restored->daemon().pauses == 4);
  CHECK(restored->daemon().reloads == 0);
  CHECK(restored->launch_latency().count() == 3);
  CHECK(restored->launch_latency().sum() == Microseconds(0));
  CHECK(restored->dropped_lines() == 0);
  CHECK(of(*restored, "hello").started == 5);
  CHECK(of(*restored, "hello").fine == 0);
  CHECK(of(*restored, "hello").refusals.empty());
  CHECK(!of(*restored, "hello").last_used);
  CHECK(of(*restored, "odd").started == 0);
  CHECK(Metrics::restored("{}")->services().empty());
}

TEST_CASE("what isn't a JSON object restores nothing") {
  for (const char* text : {"", "[]", "7", "null", "{\"services\":", "{} {}"})
    CHECK(Metrics::restored(text).has_error());
}
