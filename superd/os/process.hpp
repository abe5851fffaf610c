// SPDX-License-Identifier: MIT
// The one door through which processes are made. A flight is one launch under way: clone without
// waiting for exec, so that the loop accepts the next connection meanwhile (docs/decisions/0002).
// Used by one thread only, in which no signal that superd acts on is open: the child starts with
// the same mask.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "superd/base/number.hpp"
#include "superd/base/result.hpp"
#include "superd/core/histogram.hpp"
#include "superd/core/peer_environment.hpp"
#include "superd/os/child_steps.hpp"
#include "superd/os/fd.hpp"
#include "superd/os/program.hpp"

namespace superd {

class Flights {
 public:
  /// As many launches before exec at once as there are processors, and two: fewer leave processors
  /// idle, more make the 99th percentile worse (tests/bench).
  Flights();
  ~Flights();
  Flights(const Flights&) = delete;
  Flights& operator=(const Flights&) = delete;

  /// Starts `program` with `socket` as 0 and 1, and `error_output` as 2. Both must stay open until
  /// settle(): the child copies them meanwhile. Above 2, and a program's own error output is always
  /// the same one. A step that fails is told by fault_of(). `accepted`: when the connection was,
  /// for latencies(). `handed`: `socket` listens and becomes 0 alone, 1 is the error output, and
  /// these, below 64, become 3 and further. Errors: EAGAIN or ENOMEM, no process could be made;
  /// nothing has changed.
  Result<pid_t> start(
      std::shared_ptr<const Program> program, int socket, int error_output,
      const PeerEnvironment& peer,
      std::chrono::steady_clock::time_point accepted = std::chrono::steady_clock::now(),
      const std::vector<int>* handed = nullptr);

  /// Takes a socket that was handed to start(), to be closed by settle().
  void close_when_settled(UniqueFd socket) { handed_over_.push_back(std::move(socket)); }

  /// Waits until every child so far has its own descriptors (microseconds: it is their first step)
  /// and closes what was handed over. Doing something else first saves the wait.
  void settle();

  /// Waits until every launch has come to its program or its end, at most `longest`. False: one
  /// hasn't, or has a fault that nobody has asked for yet.
  bool finish(Milliseconds longest);

  /// The step that failed in a child that was reaped; absent if it got as far as its program. Asked
  /// once for each child, or the answers would pile up.
  std::optional<ChildFault> fault_of(pid_t pid);

  /// From accept to exec, of all launches that have got that far. Those that failed don't count.
  const Histogram& latencies();

 private:
  struct Flight;
  struct KeptFault {
    pid_t pid;
    ChildFault fault;
  };

  Flight* free_flight();
  Flight* first_free();
  Flight* grown();
  void wait_for_oldest();
  static void wait_for_release(const Flight& flight);
  void book(Flight& flight);
  int low_socket(int fd);
  int low_error_output(int fd, const std::shared_ptr<const Program>& program);
  void clear_socket_landing();
  void clear_landings();

  std::vector<std::unique_ptr<Flight>> flights_;
  std::vector<KeptFault> faults_;
  Histogram latencies_{latency_scale};
  std::size_t usual_count_;
  std::uint64_t launches_ = 0;
  bool is_settled_ = true;
  bool has_socket_landed_ = false;
  std::vector<UniqueFd> handed_over_;
  std::shared_ptr<const Program> landed_;  // whose log pipe is on its landing descriptor
  UniqueFd placeholder_;  // keeps the landing descriptors taken, so that nothing else lands there
};

}  // namespace superd
