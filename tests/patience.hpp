// SPDX-License-Identifier: MIT
// Waiting in tests: always for something to become true, never for a time to pass, and with an end.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

namespace superd {

constexpr std::chrono::seconds patience{20};

/// Whether `holds()` becomes true before patience ends.
template <class Condition>
bool comes_true(Condition holds) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

inline bool becomes_readable(int fd) {
  pollfd ready{fd, POLLIN, 0};
  return poll(&ready, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) == 1;
}

/// What is read from `fd` up to its end.
inline std::string read_to_end(int fd) {
  std::string all;
  char bytes[4096];
  while (becomes_readable(fd)) {
    const ssize_t n = read(fd, bytes, sizeof bytes);
    if (n <= 0) return all;
    all.append(bytes, static_cast<std::size_t>(n));
  }
  return all + "[no end]";
}

/// Reads from `fd` until `wanted` has come, or the end.
inline std::string read_until(int fd, const std::string& wanted) {
  std::string all;
  char byte = 0;
  while (!all.ends_with(wanted) && becomes_readable(fd) && read(fd, &byte, 1) == 1) all += byte;
  return all;
}

/// To a socket or a pipe; without a signal where a socket's other end is gone.
inline bool send_text(int fd, const std::string& text) {
  ssize_t sent = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno == ENOTSOCK) sent = write(fd, text.data(), text.size());
  return sent == static_cast<ssize_t>(text.size());
}

inline bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }
inline bool closes_on_exec(int fd) { return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0; }
inline bool blocks(int fd) { return (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0; }

}  // namespace superd
