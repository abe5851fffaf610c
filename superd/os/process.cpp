// SPDX-License-Identifier: MIT
// Flights. The child first gets a descriptor table of its own and says so (`released`); the kernel
// clears `alive` at exec or exit, and then the flight is free again.
#include "superd/os/process.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <system_error>
#include <thread>

#include "superd/os/descriptors.hpp"
#include "superd/os/launch_child.hpp"

namespace superd {
namespace {

constexpr std::size_t stack_size = 32 * 1024;
constexpr std::size_t most_flights = 64;
// Where sockets and log pipes that live at 64 and above are put for the moment of a launch.
constexpr int socket_landing = 62;
constexpr int error_landing = 63;

// Waits until *word isn't `value` or a while has passed; the caller looks again either way.
void futex_wait(const int* word, int operation, int value, Milliseconds longest) {
  const timespec timeout{0, longest.count() * 1'000'000};
  syscall(SYS_futex, word, operation, value, &timeout, nullptr, 0);
}

bool is_set(const timespec& time) { return time.tv_sec != 0 || time.tv_nsec != 0; }

std::chrono::steady_clock::time_point to_time(const timespec& time) {
  return std::chrono::steady_clock::time_point(std::chrono::seconds(time.tv_sec) +
                                               std::chrono::nanoseconds(time.tv_nsec));
}

}  // namespace

struct Flights::Flight : LaunchChild {
  std::shared_ptr<const Program> program;  // the arrays live as long as the child may read them
  PeerEnvironment peer;
  std::vector<char*> environment;
  std::vector<int> handed;
  pid_t pid = 0;
  std::chrono::steady_clock::time_point accepted;
  std::uint64_t number = 0;  // of the launch: the lowest under way is the oldest
  bool is_stuck = false;     // it was waited for in vain
  char* stack = nullptr;

  bool is_free() const { return __atomic_load_n(&alive, __ATOMIC_ACQUIRE) == 0; }
  ~Flight() { munmap(stack, stack_size); }
};

Flights::Flights() : usual_count_(std::thread::hardware_concurrency() + 2) {
  placeholder_ = UniqueFd(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (auto high = moved_high(std::move(placeholder_))) placeholder_ = std::move(*high);
  clear_landings();
}

// A child before exec lives in its flight and writes to it: that memory is left to it.
Flights::~Flights() {
  for (auto& flight : flights_)
    if (!flight->is_free()) static_cast<void>(flight.release());
}

void Flights::clear_landings() {
  for (const int landing : {socket_landing, error_landing})
    if (dup3(placeholder_.get(), landing, O_CLOEXEC) < 0)
      throw std::system_error(errno, std::generic_category(), "no descriptors for launching");
}

// The child's table ends at 64. A descriptor above gets a copy below, on a place kept for it; who
// used the place before must have made its own copy by then.
int Flights::low_socket(int fd) {
  if (fd < first_high_descriptor) return fd;
  settle();
  dup3(fd, socket_landing, O_CLOEXEC);  // can't fail: both descriptors are open
  has_socket_landed_ = true;
  return socket_landing;
}

int Flights::low_error_output(int fd, const std::shared_ptr<const Program>& program) {
  if (fd < first_high_descriptor) return fd;
  if (landed_ == program) return error_landing;  // a program's log pipe stays the same
  settle();
  landed_ = program;
  dup3(fd, error_landing, O_CLOEXEC);
  return error_landing;
}

Result<pid_t> Flights::start(std::shared_ptr<const Program> program, int socket, int error_output,
                             const PeerEnvironment& peer,
                             std::chrono::steady_clock::time_point accepted,
                             const std::vector<int>* handed) {
  Flight* flight = free_flight();
  if (!flight) return system_error("every launch under way is stuck", EAGAIN);
  flight->program = std::move(program);
  flight->peer = peer;
  flight->environment = flight->program->environment();
  for (std::size_t i = 0; i < peer.count(); ++i)
    flight->environment.push_back(flight->peer.variable(i));
  flight->environment.push_back(nullptr);

  flight->data = flight->program->data();
  const bool is_shared = error_output == socket;
  const int low_error = is_shared ? -1 : low_error_output(error_output, flight->program);
  flight->data.input = low_socket(socket);  // last: settle() clears its place
  flight->data.error_output = is_shared ? flight->data.input : low_error;
  flight->data.output = handed ? flight->data.error_output : flight->data.input;
  if (handed) flight->handed = *handed;
  flight->data.handed = flight->handed.data();
  flight->data.handed_count = handed ? handed->size() : 0;
  flight->data.listen_pid = flight->peer.listen_pid();
  flight->data.environment = flight->environment.data();
  flight->data.exec_time = &flight->exec_time;
  flight->fault = {};
  flight->accepted = accepted;
  flight->exec_time = {};
  flight->number = ++launches_;
  flight->is_stuck = false;
  flight->released = 0;
  flight->alive = 1;

  LaunchChild* child = flight;
  flight->pid = clone(launch_child, flight->stack + stack_size,
                      CLONE_VM | CLONE_FILES | CLONE_CHILD_CLEARTID | SIGCHLD, child, nullptr,
                      nullptr, &flight->alive);
  if (flight->pid < 0) {
    const int error = errno;
    flight->alive = 0;
    clear_socket_landing();
    return system_error("no process could be made", error);
  }
  is_settled_ = false;
  return flight->pid;
}

void Flights::settle() {
  if (!std::exchange(is_settled_, true))
    for (const auto& flight : flights_) wait_for_release(*flight);
  handed_over_.clear();
  clear_socket_landing();
}

// Left there, the copy would keep a connection open that everybody else has closed.
void Flights::clear_socket_landing() {
  if (std::exchange(has_socket_landed_, false)) dup3(placeholder_.get(), socket_landing, O_CLOEXEC);
}

// Killed before it got there, a child never says so: then `alive` tells.
void Flights::wait_for_release(const Flight& flight) {
  while (__atomic_load_n(&flight.released, __ATOMIC_ACQUIRE) == 0 && !flight.is_free())
    futex_wait(&flight.released, FUTEX_WAIT_PRIVATE, 0, Milliseconds(20));
}

bool Flights::finish(Milliseconds longest) {
  settle();
  const auto deadline = std::chrono::steady_clock::now() + longest;
  for (const auto& flight : flights_)
    while (!flight->is_free() && std::chrono::steady_clock::now() < deadline)
      futex_wait(&flight->alive, FUTEX_WAIT, 1, Milliseconds(20));
  return faults_.empty() && std::all_of(flights_.begin(), flights_.end(), [](const auto& flight) {
           return flight->is_free() && !flight->fault.step;
         });
}

Flights::Flight* Flights::free_flight() {
  Flight* flight = first_free();
  if (!flight && flights_.size() < usual_count_) return grown();
  if (!flight) {
    wait_for_oldest();
    flight = first_free();
  }
  if (!flight && flights_.size() < most_flights) return grown();
  return flight;
}

Flights::Flight* Flights::first_free() {
  for (const auto& flight : flights_) {
    if (!flight->is_free()) continue;
    book(*flight);
    return flight.get();
  }
  return nullptr;
}

// A child that has become its user can be stopped by that user before it execs, and a disk can be
// slow: a wait is short, nobody is waited for twice, and the caller makes another flight instead.
void Flights::wait_for_oldest() {
  Flight* oldest = nullptr;
  for (const auto& flight : flights_)
    if (!flight->is_stuck && (!oldest || flight->number < oldest->number)) oldest = flight.get();
  if (!oldest) return;
  futex_wait(&oldest->alive, FUTEX_WAIT, 1, Milliseconds(20));  // shared: so the kernel wakes it
  oldest->is_stuck = !oldest->is_free();
}

Flights::Flight* Flights::grown() {
  void* stack = mmap(nullptr, stack_size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return nullptr;
  auto flight = std::make_unique<Flight>();
  flight->stack = static_cast<char*>(stack);
  flights_.push_back(std::move(flight));
  return flights_.back().get();
}

// What became of a launch, once: its fault, its latency, or neither where the child was killed
// before.
void Flights::book(Flight& flight) {
  if (flight.fault.step)
    faults_.push_back({flight.pid, flight.fault});
  else if (is_set(flight.exec_time))
    latencies_.add(std::chrono::floor<Microseconds>(to_time(flight.exec_time) - flight.accepted));
  flight.fault = {};
  flight.exec_time = {};
  flight.program.reset();
}

const Histogram& Flights::latencies() {
  for (const auto& flight : flights_)
    if (flight->is_free()) book(*flight);
  return latencies_;
}

std::optional<ChildFault> Flights::fault_of(pid_t pid) {
  for (const auto& flight : flights_)
    if (flight->pid == pid && flight->is_free()) book(*flight);
  for (auto kept = faults_.begin(); kept != faults_.end(); ++kept) {
    if (kept->pid != pid) continue;
    const ChildFault fault = kept->fault;
    faults_.erase(kept);
    return fault;
  }
  return std::nullopt;
}

}  // namespace superd
