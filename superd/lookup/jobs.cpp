// SPDX-License-Identifier: MIT
// fork(2), since there is nothing to exec: this process is small, and has one thread.
#include "superd/lookup/jobs.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "superd/base/overloaded.hpp"
#include "superd/lookup/hosts_access.hpp"
#include "superd/lookup/names.hpp"
#include "superd/os/message_socket.hpp"

namespace superd {
namespace {

LookupOutcome outcome_of(const LookupQuestion& question) {
  return std::visit(
      Overloaded{[](const NamesQuestion& names) { return confirmed_names(names.address); },
                 [](const HostsAccessQuestion& access) { return hosts_access_verdict(access); },
                 [](const AddressesQuestion& host) { return host_addresses(host.host); }},
      question);
}

// A group of its own, so that what libwrap starts for it (`spawn`) is killed along.
[[noreturn]] void look_up(const LookupRequest& request, int socket, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const auto sent =
      send_message(socket, encode(LookupAnswer{request.id, outcome_of(request.question)}));
  _exit(sent ? 0 : 1);
}

}  // namespace

Jobs::~Jobs() {
  for (const auto& [pid, job] : jobs_) {
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
  }
}

void Jobs::start(const LookupRequest& request) {
  if (jobs_.size() >= limits_.at_once) return fail(request.id);
  const pid_t self = getpid();
  const pid_t pid = fork();
  if (pid == 0) look_up(request, socket_, self);
  if (pid < 0) return fail(request.id);
  setpgid(pid, pid);  // whoever of the two comes first
  jobs_.emplace(pid, Job{request.id, Clock::now() + limits_.longest});
}

void Jobs::reap() {
  for (;;) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid <= 0) return;
    const auto found = jobs_.find(pid);
    if (found == jobs_.end()) continue;
    if (status != 0) fail(found->second.id);
    jobs_.erase(found);
  }
}

// Late ones are answered for when they are reaped, so that none is answered for twice.
void Jobs::end_late() {
  const auto now = Clock::now();
  for (auto& [pid, job] : jobs_) {
    if (job.is_late || now < job.end) continue;
    job.is_late = true;
    kill(-pid, SIGKILL);
  }
}

std::optional<Jobs::Clock::time_point> Jobs::next_end() const {
  std::optional<Clock::time_point> next;
  for (const auto& [pid, job] : jobs_)
    if (!job.is_late) next = std::min(next.value_or(job.end), job.end);
  return next;
}

// Where superd is gone, nobody is there to be told.
void Jobs::fail(std::uint64_t id) const {
  if (send_message(socket_, encode(LookupAnswer{id, LookupFailed{}}))) return;
}

}  // namespace superd
