// SPDX-License-Identifier: MIT
// Flights, ends and faults.
#include "superd/os/process.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <set>

#include "superd/os/descriptors.hpp"
#include "tests/fork.hpp"
#include "tests/os/launching.hpp"
#include "tests/os/refused_call.hpp"
#include "tests/telling.hpp"

using namespace superd;

TEST_CASE("a program's stdin and stdout are the connection") {
  Launches launches;
  const auto outcome = launches.run(plan_of({"/bin/cat"}), "b\na\n");
  CHECK(outcome.output == "b\na\n");
  CHECK(outcome.status == 0);
  CHECK(!outcome.fault);
}

TEST_CASE("how a program ended is reaped") {
  struct Row {
    const char* script;
    int code, signal;
  };
  const Row row = GENERATE(values<Row>({
      {"exit 0", 0, 0},
      {"exit 7", 7, 0},
      {"exit 127", 127, 0},
      {"exit 255", 255, 0},
      {"kill -TERM $$", 0, SIGTERM},
      {"kill -KILL $$", 0, SIGKILL},
      {"kill -PIPE $$", 0, SIGPIPE},
  }));
  CAPTURE(row.script);
  Launches launches;
  const auto outcome = launches.run(shell(row.script));
  CHECK(!outcome.fault);
  if (row.signal == 0) {
    CHECK(WIFEXITED(outcome.status));
    CHECK(WEXITSTATUS(outcome.status) == row.code);
  } else {
    REQUIRE(WIFSIGNALED(outcome.status));
    CHECK(WTERMSIG(outcome.status) == row.signal);
  }
}

TEST_CASE("what a program used is reaped") {
  Launches launches;
  const auto busy = launches.run(shell("i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done")).exit;
  CHECK(busy.cpu.count() > 0);
  CHECK(busy.peak_memory > 0);
  CHECK(busy.stop == Stop::none);

  constexpr std::uint64_t large = 64 * 1024 * 1024;
  const auto greedy =
      launches.run(plan_of({"/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=64M", "count=1"})).exit;
  rusage own{};
  getrusage(RUSAGE_SELF, &own);
  CHECK(greedy.peak_memory >= large);
  // The kernel counts what the child shared with us before exec.
  CHECK(greedy.peak_is_bound ==
        (greedy.peak_memory <= static_cast<std::uint64_t>(own.ru_maxrss) * 1024));
}

TEST_CASE("a fault is told once, and only of its own child") {
  Launches launches;
  const SocketPair pair;
  const pid_t failing = launches.start(plan_of({"/no/such/program"}), pair.server.get());
  const pid_t fine = launches.start(plan_of({"/bin/true"}), pair.server.get());
  ended(failing);
  ended(fine);
  CHECK(!launches.flights.fault_of(fine));
  const auto fault = launches.flights.fault_of(failing);
  REQUIRE(fault);
  CHECK(fault->step == std::string("exec"));
  CHECK(!launches.flights.fault_of(failing));
}

TEST_CASE("many programs are launched in a row, and what was handed over is closed") {
  constexpr std::size_t many = 200;
  const bool is_high = GENERATE(false, true);
  CAPTURE(is_high);
  Launches launches;
  const auto fails = [](std::size_t i) { return i % 3 == 0; };
  std::vector<UniqueFd> clients;
  std::vector<pid_t> pids;
  for (std::size_t i = 0; i < many; ++i) {
    SocketPair pair;
    if (is_high) pair.server = moved_high(std::move(pair.server)).value();
    clients.push_back(moved_high(std::move(pair.client)).value());
    const auto program = std::make_shared<const Program>(
        plan_of({fails(i) ? "/no/such/program" : "/bin/echo", std::to_string(i)}));
    const auto pid =
        launches.flights.start(program, pair.server.get(), launches.nothing.get(), launches.peer);
    REQUIRE(pid);
    pids.push_back(*pid);
    launches.flights.close_when_settled(std::move(pair.server));
  }
  launches.flights.settle();
  CHECK(std::set(pids.begin(), pids.end()).size() == many);
  for (std::size_t i = 0; i < many; ++i) {
    CHECK(ended(pids[i]).exit.status == (fails(i) ? 127 << 8 : 0));
    CHECK(launches.flights.fault_of(pids[i]).has_value() == fails(i));
    CHECK(read_to_end(clients[i].get()) == (fails(i) ? "" : std::to_string(i) + "\n"));
  }
  CHECK(!reap(-1));
}

TEST_CASE("a program outlives what it was made of only as long as it needs it") {
  Launches launches;
  const SocketPair pair;
  auto program = std::make_shared<const Program>(plan_of({"/bin/true"}));
  const std::weak_ptr<const Program> watched = program;
  const auto pid = launches.flights.start(std::move(program), pair.server.get(),
                                          launches.nothing.get(), launches.peer);
  REQUIRE(pid);
  launches.flights.settle();
  ended(*pid);
  CHECK(!launches.flights.fault_of(*pid));
  CHECK(watched.expired());
}

TEST_CASE("an ended child stays until it is reaped, and so does its group") {
  Launches launches;
  CHECK(!ended_child(-1));
  CHECK(!reap(-1));
  SocketPair pair;
  const pid_t pid =
      launches.start(shell("sleep 600 & echo there; read line; exit 3"), pair.server.get());
  pair.server.reset();
  CHECK(read_until(pair.client.get(), "\n") == "there\n");
  CHECK(!ended_child(pid));
  CHECK(!reap(pid));
  CHECK(send_text(pair.client.get(), "go\n"));
  CHECK(comes_true([&] { return ended_child(pid).has_value(); }));
  CHECK(ended_child(-1) == pid);
  CHECK(ended_child(pid) == pid);

  signal_group(pid, SIGKILL);  // takes what the shell left behind
  CHECK(read_to_end(pair.client.get()).empty());
  const auto reaped = reap(-1);
  REQUIRE(reaped);
  CHECK(reaped->pid == pid);
  CHECK(WEXITSTATUS(reaped->exit.status) == 3);
  CHECK(!reap(-1));
}

TEST_CASE("a signal goes to the whole group") {
  Launches launches;
  SocketPair pair;
  const pid_t pid = launches.start(shell("sleep 600 & echo there; wait"), pair.server.get());
  pair.server.reset();
  CHECK(read_until(pair.client.get(), "\n") == "there\n");
  signal_group(pid, SIGTERM);
  CHECK(read_to_end(pair.client.get()).empty());  // both are gone
  CHECK(WTERMSIG(ended(pid).exit.status) == SIGTERM);
}

TEST_CASE("launching opens nothing that stays") {
  Launches launches;
  const auto next_free = [] {
    const UniqueFd low(open("/dev/null", O_RDWR | O_CLOEXEC));
    return moved_high(UniqueFd(dup(low.get()))).value().get() * 1000 + low.get();
  };
  launches.run(plan_of({"/bin/true"}));
  const int before = next_free();
  for (int i = 0; i < 20; ++i) launches.run(plan_of({"/bin/true"}));
  CHECK(next_free() == before);
}

// A program that can't exec yet stands for one on a slow disk, or stopped by its user.
TEST_CASE("a child that gets stuck before its program isn't waited for") {
  const int outcome = in_a_child([] {
    const std::optional<HeldCall> held = HeldCall::hold(SYS_execve);
    if (!held) return 77;
    Launches launches;
    const SocketPair pair;
    const auto program = std::make_shared<const Program>(plan_of({"/bin/true"}));
    const auto start = [&] {
      return launches.flights.start(program, pair.server.get(), launches.nothing.get(),
                                    launches.peer);
    };
    std::vector<pid_t> stuck;
    for (auto pid = start(); pid; pid = start()) {
      stuck.push_back(*pid);
      if (stuck.size() > 1000) return 1;  // there is a limit
    }
    if (stuck.size() < 16) return 2;
    if (start().error().number != EAGAIN) return 3;
    kill(stuck.back(), SIGKILL);
    ended(stuck.back());
    stuck.pop_back();
    const auto again = start();  // its flight is free again
    if (!again) return 4;
    stuck.push_back(*again);
    for (const pid_t pid : stuck) kill(pid, SIGKILL);
    for (const pid_t pid : stuck) {
      if (WTERMSIG(ended(pid).exit.status) != SIGKILL) return 5;
      if (launches.flights.fault_of(pid)) return 6;
    }
    return start() ? 0 : 7;
  });
  if (outcome == 77) return skipped("no seccomp notifications here");
  CHECK(outcome == 0);
}

TEST_CASE("where no process can be made, it is told, and the connection isn't kept") {
  const int outcome = in_a_child([] {
    Launches launches;
    if (!refuse_call(SYS_clone, EAGAIN)) return 77;
    SocketPair pair;
    pair.server = moved_high(std::move(pair.server)).value();
    const auto pid =
        launches.flights.start(std::make_shared<const Program>(plan_of({"/bin/true"})),
                               pair.server.get(), launches.nothing.get(), launches.peer);
    if (pid || pid.error().number != EAGAIN) return 1;
    launches.flights.close_when_settled(std::move(pair.server));
    launches.flights.settle();
    return read_to_end(pair.client.get()).empty() ? 0 : 2;
  });
  if (outcome == 77) return skipped("no seccomp here");
  CHECK(outcome == 0);
}

TEST_CASE("from accept to exec it takes as long as it took, for launches that got there") {
  Launches launches;
  const auto count = [&] { return launches.flights.latencies().count(); };
  CHECK(count() == 0);
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) {
    launches.run(plan_of({"/bin/true"}));
    CHECK(count() == static_cast<std::uint64_t>(i) + 1);
    CHECK(count() == static_cast<std::uint64_t>(i) + 1);  // once each
  }
  const auto all = launches.flights.latencies().sum();
  CHECK(all > Microseconds(20));
  CHECK(all < std::chrono::steady_clock::now() - before);
  CHECK(launches.run(plan_of({"/no/such/program"})).fault.has_value());
  CHECK(count() == 20);

  const SocketPair pair;
  const auto program = std::make_shared<const Program>(plan_of({"/bin/cat"}));
  const auto pid = launches.flights.start(program, pair.server.get(), launches.nothing.get(),
                                          launches.peer, before - std::chrono::hours(1));
  REQUIRE(pid);
  launches.flights.settle();
  CHECK(comes_true([&] { return count() == 21; }));  // while it runs
  CHECK(launches.flights.latencies().sum() - all > std::chrono::hours(1));
  CHECK(launches.flights.latencies().sum() - all < std::chrono::hours(2));
  kill(*pid, SIGKILL);
  ended(*pid);
  CHECK(!launches.flights.fault_of(*pid));
  CHECK(count() == 21);
}

// On one processor the child begins when its parent has gone on.
TEST_CASE("flights may end before the launches under way") {
  CHECK(in_a_child([] {
          cpu_set_t usable, one;
          sched_getaffinity(0, sizeof usable, &usable);
          CPU_ZERO(&one);
          for (int cpu = 0; CPU_COUNT(&one) == 0 && cpu < CPU_SETSIZE; ++cpu)
            if (CPU_ISSET(cpu, &usable)) CPU_SET(cpu, &one);
          sched_setaffinity(0, sizeof one, &one);
          const SocketPair pair;
          const UniqueFd nothing = nowhere();
          for (int i = 0; i < 10; ++i) {
            std::optional<pid_t> pid;
            {
              Launches launches;
              const auto program = std::make_shared<const Program>(plan_of({"/bin/true"}));
              const auto started =
                  launches.flights.start(program, pair.server.get(), nothing.get(), launches.peer);
              if (!started) return 1;
              pid = *started;
            }
            ended(*pid);
            std::vector<std::string> memory;  // what the child had written is found by now
            for (std::size_t length = 64; length < 2000; ++length) memory.emplace_back(length, 'x');
          }
          return 0;
        }) == 0);
}
