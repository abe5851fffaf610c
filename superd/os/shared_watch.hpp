// SPDX-License-Identifier: MIT
// Readiness of descriptors that a child shares, without touching their flags: an epoll of our own,
// since Asio sets O_NONBLOCK on the open file, which the child would see.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <span>

#include "superd/base/result.hpp"
#include "superd/os/fd.hpp"

namespace superd {

/// Each watch fires once and is then asleep until rearm().
class SharedWatch {
 public:
  static Result<SharedWatch> open();

  int descriptor() const { return epoll_.get(); }  // readable when something fired
  Result<void> add(int fd, std::uint32_t events, std::uint64_t token);
  void rearm(int fd, std::uint32_t events, std::uint64_t token);
  void remove(int fd);

  /// What fired: the part of `room` that was filled.
  std::span<epoll_event> take(std::span<epoll_event> room);

 private:
  explicit SharedWatch(UniqueFd epoll) : epoll_(std::move(epoll)) {}

  UniqueFd epoll_;
};

}  // namespace superd
