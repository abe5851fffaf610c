// SPDX-License-Identifier: MIT
// Lines to a descriptor.
#include "superd/server/log_sink.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace superd {
namespace {

// A pipe that polls writable takes PIPE_BUF bytes without blocking (pipe(7)).
constexpr std::size_t chunk = 4096;
constexpr std::size_t most_gathered = 64 * 1024;
constexpr std::chrono::milliseconds gather_time{3};

}  // namespace

Result<UniqueFd> open_log_file(const std::string& path) {
  constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;
  UniqueFd fd(open(path.c_str(), flags, 0640));
  if (!fd) return system_error("log file '" + path + "'", errno);
  return fd;
}

void LogSink::replace(UniqueFd fd) {
  const std::lock_guard lock(waiting_);
  next_fd_ = std::move(fd);
}

void LogSink::stop_waiting() {
  const std::lock_guard lock(waiting_);
  waits_ = false;
  stopped_.notify_all();
}

void LogSink::sink_it_(const spdlog::details::log_msg& message) {
  formatter_->format(message, lines_);
  if (more_() && lines_.size() < most_gathered) return;
  write_lines();
  gather();
}

void LogSink::write_lines() {
  take_next_descriptor();
  std::size_t written = 0;
  while (written < lines_.size() && wait_writable()) {
    const std::size_t length = std::min(chunk, lines_.size() - written);
    const ssize_t n = write(fd_.get(), lines_.data() + written, length);
    if (n > 0) written += static_cast<std::size_t>(n);
    if (n >= 0 || errno == EINTR || errno == EAGAIN) continue;
    lines_.clear();
    throw spdlog::spdlog_ex("writing the log",
                            errno);  // spdlog says it on stderr, once a second at most
  }
  lines_.clear();
}

void LogSink::take_next_descriptor() {
  const std::lock_guard lock(waiting_);
  if (next_fd_) fd_ = std::move(next_fd_);
}

// A reader who doesn't read is waited for, until superd ends.
bool LogSink::wait_writable() {
  for (;;) {
    pollfd ready{fd_.get(), POLLOUT, 0};
    const bool waits = still_waits();
    if (poll(&ready, 1, waits ? 200 : 0) != 0) return true;
    if (!waits) return false;
  }
}

bool LogSink::still_waits() {
  const std::lock_guard lock(waiting_);
  return waits_;
}

// What comes meanwhile is written with one call, and nobody has to wake this thread for it.
void LogSink::gather() {
  std::unique_lock lock(waiting_);
  stopped_.wait_for(lock, gather_time, [this] { return !waits_; });
}

}  // namespace superd
