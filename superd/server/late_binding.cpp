// SPDX-License-Identifier: MIT
// Look, wait, try.
#include "superd/server/late_binding.hpp"

#include <algorithm>

#include "superd/os/address_watch.hpp"

namespace superd {
namespace {

constexpr Milliseconds shortest_delay{1000};
constexpr Milliseconds longest_delay{5000};

}  // namespace

LateBinding::LateBinding(Roster& roster, Runtime& runtime)
    : roster_(roster), runtime_(runtime), timer_(runtime.loop) {
  roster_.when_changed([this] { look(); });
}

// After each change of the table: whoever waits begins anew, for the table is what people look at.
void LateBinding::look() {
  if (roster_.waiting() == 0) {
    timer_.cancel();
    watch_.reset();
    return;
  }
  if (!watch_) {
    auto watch = watch_addresses();
    if (watch) {
      watch_.emplace(runtime_.loop, watch->release());
      follow_addresses();
    } else {
      runtime_.reporter.report(
          Notice{LogLevel::warning, "addresses that come are noticed late: " + watch.error().text});
    }
  }
  try_in(shortest_delay);
}

void LateBinding::follow_addresses() {
  watch_->async_wait(watch_->wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    if (addresses_have_changed(watch_->native_handle())) roster_.bind_waiting(runtime_);
    if (roster_.waiting() == 0) return look();
    follow_addresses();
  });
}

void LateBinding::try_in(Milliseconds delay) {
  delay_ = delay;
  timer_.expires_after(delay);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) try_now();
  });
}

void LateBinding::try_now() {
  roster_.bind_waiting(runtime_);
  if (roster_.waiting() == 0) return look();
  try_in(std::min(2 * delay_, longest_delay));
}

}  // namespace superd
