// SPDX-License-Identifier: MIT
// Addresses that come, in a network of a thread's own.
#include "superd/os/address_watch.hpp"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <thread>

#include "superd/os/descriptors.hpp"
#include "tests/patience.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

bool bring_up(const char* interface) {
  const UniqueFd any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, interface);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ioctl(any.get(), SIOCSIFFLAGS, &request) == 0;
}

struct Seen {
  bool alone = false, quiet = false, high = false, woken = false, changed = false;
};

Seen look() {
  Seen seen;
  seen.alone = unshare(CLONE_NEWNET) == 0;
  const auto watch = seen.alone ? watch_addresses() : Result<UniqueFd>(Error{"", 0});
  if (!watch) return seen;
  seen.high = watch->get() >= first_high_descriptor && closes_on_exec(watch->get());
  seen.quiet = !addresses_have_changed(watch->get());
  if (!bring_up("lo")) return seen;
  seen.woken = becomes_readable(watch->get());
  seen.changed = addresses_have_changed(watch->get());
  return seen;
}

}  // namespace

TEST_CASE("an interface that comes up is noticed") {
  Seen seen;
  std::thread([&] { seen = look(); }).join();
  if (!seen.alone) return skipped("needs root: a network of its own");
  CHECK(seen.high);
  CHECK(seen.quiet);
  CHECK(seen.woken);
  CHECK(seen.changed);
}
