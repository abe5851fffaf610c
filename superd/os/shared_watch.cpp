// SPDX-License-Identifier: MIT
// epoll(7), one shot at a time.
#include "superd/os/shared_watch.hpp"

#include <cerrno>

namespace superd {
namespace {

epoll_event one_shot(std::uint32_t events, std::uint64_t token) {
  epoll_event event{};
  event.events = events | EPOLLONESHOT;
  event.data.u64 = token;
  return event;
}

}  // namespace

Result<SharedWatch> SharedWatch::open() {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return system_error("epoll", errno);
  return SharedWatch(std::move(epoll));
}

Result<void> SharedWatch::add(int fd, std::uint32_t events, std::uint64_t token) {
  epoll_event event = one_shot(events, token);
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return system_error("epoll", errno);
  return {};
}

void SharedWatch::rearm(int fd, std::uint32_t events, std::uint64_t token) {
  epoll_event event = one_shot(events, token);
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void SharedWatch::remove(int fd) { epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

std::span<epoll_event> SharedWatch::take(std::span<epoll_event> room) {
  const int count = epoll_wait(epoll_.get(), room.data(), static_cast<int>(room.size()), 0);
  return room.first(count > 0 ? static_cast<std::size_t>(count) : 0);
}

}  // namespace superd
