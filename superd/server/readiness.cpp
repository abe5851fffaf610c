// SPDX-License-Identifier: MIT
// Speaking with the service manager.
#include "superd/server/readiness.hpp"

#include "superd/os/notify_socket.hpp"

namespace superd {
namespace {

constexpr Milliseconds between_statuses{10'000};

}  // namespace

void Readiness::ready() { check(NotifySocket::ready(status_())); }

void Readiness::reloading() { check(NotifySocket::reloading()); }

void Readiness::stopping(Milliseconds at_most) { check(NotifySocket::stopping(at_most)); }

awaitable<void> Readiness::stay_alive() {
  if (!NotifySocket::is_there()) co_return;
  const auto watchdog = NotifySocket::watchdog();
  const auto often =
      watchdog ? std::chrono::duration_cast<Milliseconds>(*watchdog / 2) : between_statuses;
  for (auto next_status = Clock::now();;) {
    co_await sleep_for(std::min(often, between_statuses));
    if (watchdog) check(NotifySocket::keep_alive());
    if (Clock::now() < next_status) continue;
    check(NotifySocket::status(status_()));
    next_status = Clock::now() + between_statuses;
  }
}

void Readiness::check(const Result<void>& told) {
  if (told || std::exchange(has_failed_, true)) return;
  reporter_.report(Notice{LogLevel::warning, "service manager: " + told.error().text});
}

}  // namespace superd
