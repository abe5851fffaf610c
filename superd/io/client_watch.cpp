// SPDX-License-Identifier: MIT
// One epoll inside Asio's.
#include "superd/io/client_watch.hpp"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace superd {
namespace {

SharedWatch opened() {
  auto watch = SharedWatch::open();
  if (!watch)
    throw std::system_error(watch.error().number, std::generic_category(), watch.error().text);
  return std::move(*watch);
}

int duplicate(int fd) {
  const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) throw std::system_error(errno, std::generic_category(), "watch connections");
  return copy;
}

}  // namespace

// Asio closes what it is given: it gets a duplicate.
ClientWatch::ClientWatch(Loop& loop)
    : watch_(opened()), descriptor_(loop, duplicate(watch_.descriptor())) {
  arm();
}

Result<ClientWatch::Guard> ClientWatch::watch(int fd, std::uint32_t events, Fired fired) {
  const std::uint64_t token = next_token_++;
  if (auto added = watch_.add(fd, events, token); !added) return added.error();
  watched_.emplace(token, std::move(fired));
  return Guard(*this, fd, token);
}

ClientWatch::Guard::~Guard() {
  if (!watch_) return;
  watch_->watch_.remove(fd_);
  watch_->watched_.erase(token_);
}

void ClientWatch::Guard::again(std::uint32_t events) { watch_->watch_.rearm(fd_, events, token_); }

void ClientWatch::arm() {
  descriptor_.async_wait(descriptor_.wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    deliver();
    arm();
  });
}

void ClientWatch::deliver() {
  std::array<epoll_event, 64> room;
  for (const epoll_event& event : watch_.take(room)) {
    const auto watched = watched_.find(event.data.u64);
    if (watched == watched_.end()) continue;
    const Fired fired = watched->second;  // it may end its own guard
    fired();
  }
}

}  // namespace superd
