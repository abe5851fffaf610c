// SPDX-License-Identifier: MIT
// Waiting on connections that a handler shares, without touching their flags (os/shared_watch).
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "superd/io/task.hpp"
#include "superd/os/shared_watch.hpp"

namespace superd {

class ClientWatch {
 public:
  using Fired = std::function<void()>;

  /// One watched connection; watching ends with it. Before the connection is closed.
  class Guard {
   public:
    Guard(ClientWatch& watch, int fd, std::uint64_t token)
        : watch_(&watch), fd_(fd), token_(token) {}
    Guard(Guard&& other) noexcept
        : watch_(std::exchange(other.watch_, nullptr)), fd_(other.fd_), token_(other.token_) {}
    Guard& operator=(Guard&&) = delete;
    ~Guard();
    /// Watches again after it has fired.
    void again(std::uint32_t events);

   private:
    ClientWatch* watch_;
    int fd_;
    std::uint64_t token_;
  };

  /// Throws std::system_error where the kernel has no epoll for it: at start only.
  explicit ClientWatch(Loop& loop);

  /// Calls `fired` once when one of `events` (EPOLLIN, EPOLLRDHUP, …; hang-up and error always) is
  /// there. Errors: ENOMEM, ENOSPC.
  Result<Guard> watch(int fd, std::uint32_t events, Fired fired);

 private:
  void arm();
  void deliver();

  SharedWatch watch_;
  boost::asio::posix::stream_descriptor descriptor_;
  std::unordered_map<std::uint64_t, Fired> watched_;
  std::uint64_t next_token_ = 1;
};

}  // namespace superd
