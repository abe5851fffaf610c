// SPDX-License-Identifier: MIT
// A place to launch from: plans in a line, sockets in pairs, ends with patience.
#pragma once

#include <sys/socket.h>
#include <sys/stat.h>

#include <csignal>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "superd/os/process.hpp"
#include "superd/os/reaping.hpp"
#include "tests/patience.hpp"

namespace superd {

struct SocketPair {
  UniqueFd client, server;

  SocketPair() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      throw std::runtime_error("no socket pair");
    client = UniqueFd(ends[0]);
    server = UniqueFd(ends[1]);
  }
};

inline LaunchPlan plan_of(std::vector<std::string> words) {
  LaunchPlan plan;
  plan.program = words.front();
  plan.arguments = std::move(words);
  plan.environment.emplace_back("PATH=").append(handler_path);
  plan.directory = std::string("/");  // GCC 12 sees an overflow in the shorter way
  return plan;
}

inline LaunchPlan shell(const std::string& script) {
  return plan_of({"/bin/sh", "-c", script, "sh"});
}

/// Signals while programs are launched, as in superd: CHLD and its like are blocked, and nothing is
/// caught. A handler of Catch2's that ran in a child before exec would run in this test's memory.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE})
      sigaddset(&set, number);
    sigprocmask(SIG_BLOCK, &set, &mask_);
    term_ = std::signal(SIGTERM, SIG_DFL);
    int_ = std::signal(SIGINT, SIG_DFL);
  }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;
  ~BlockedSignals() {
    std::signal(SIGTERM, term_);
    std::signal(SIGINT, int_);
    sigprocmask(SIG_SETMASK, &mask_, nullptr);
  }

 private:
  sigset_t mask_{};
  void (*term_)(int) = nullptr;
  void (*int_)(int) = nullptr;
};

/// For what a shell says of its children that were stopped.
inline UniqueFd nowhere() { return UniqueFd(open("/dev/null", O_WRONLY | O_CLOEXEC)); }

inline Reaped ended(pid_t pid) {
  std::optional<Reaped> reaped;
  if (!comes_true([&] { return (reaped = reap(pid)).has_value(); }))
    throw std::runtime_error("pid " + std::to_string(pid) + " doesn't end");
  return *reaped;
}

struct Launches {
  BlockedSignals blocked;
  Flights flights;
  PeerEnvironment peer{UnixPeer{0, 0, 0, {"/run/test", false}}, 1};

  UniqueFd nothing = nowhere();

  /// Settled: the caller may close both.
  pid_t start(LaunchPlan plan, int socket) { return start(std::move(plan), socket, nothing.get()); }
  pid_t start(LaunchPlan plan, int socket, int error_output) {
    auto pid =
        flights.start(std::make_shared<const Program>(std::move(plan)), socket, error_output, peer);
    if (!pid) throw std::runtime_error(pid.error().text);
    flights.settle();
    return *pid;
  }

  struct Outcome {
    std::string output;
    int status;  // as wait(2) gives it
    std::optional<ChildFault> fault;
    Exit exit;
  };

  /// From start to end; `input` is all that is sent.
  Outcome run(LaunchPlan plan, const std::string& input = {}) {
    SocketPair pair;
    const pid_t pid = start(std::move(plan), pair.server.get());
    pair.server.reset();
    if (!input.empty() && !send_text(pair.client.get(), input))
      throw std::runtime_error("nothing could be sent");
    shutdown(pair.client.get(), SHUT_WR);
    std::string output = read_to_end(pair.client.get());
    const Reaped reaped = ended(pid);
    return {std::move(output), reaped.exit.status, flights.fault_of(pid), reaped.exit};
  }

  std::string output(LaunchPlan plan) { return run(std::move(plan)).output; }
};

}  // namespace superd
