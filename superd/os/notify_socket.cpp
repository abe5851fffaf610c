// SPDX-License-Identifier: MIT
// Words of sd_notify(3) on libsystemd.
#include "superd/os/notify_socket.hpp"

#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>

namespace superd {
namespace {

Result<void> answer(int result) {
  if (result < 0) return system_error("NOTIFY_SOCKET", -result);
  return {};
}

Result<void> tell(const std::string& words) {
  if (!NotifySocket::is_there()) return {};
  return answer(sd_notify(0, words.c_str()));
}

std::string one_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return line;
}

std::string count(std::chrono::microseconds time) { return std::to_string(time.count()); }

std::chrono::microseconds monotonic_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::duration_cast<std::chrono::microseconds>(
                                                std::chrono::nanoseconds(now.tv_nsec));
}

// The kernel's number of a socket: one for each, the same in whatever process and at whatever
// descriptor it is. Short, too: all names together come back in one variable, and the kernel's
// limit for that (128 KiB, execve(2)) is the limit of what can be kept.
Result<std::string> name_of(int socket) {
  struct stat status {};
  if (fstat(socket, &status) != 0) return system_error("fstat", errno);
  return Result<std::string>(boost::system::in_place_value, "s" + std::to_string(status.st_ino));
}

}  // namespace

bool NotifySocket::is_there() {
  const char* address = std::getenv("NOTIFY_SOCKET");
  return address && *address;
}

Result<void> NotifySocket::ready(std::string_view status) {
  return tell("READY=1\nSTATUS=" + one_line(status));
}

Result<void> NotifySocket::reloading() {
  return tell("RELOADING=1\nMONOTONIC_USEC=" + count(monotonic_now()));
}

Result<void> NotifySocket::stopping(std::chrono::microseconds at_most) {
  return tell("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + count(at_most));
}

Result<void> NotifySocket::status(std::string_view text) {
  return tell("STATUS=" + one_line(text));
}

Result<void> NotifySocket::main_pid(pid_t pid) { return tell("MAINPID=" + std::to_string(pid)); }

std::optional<std::chrono::microseconds> NotifySocket::watchdog() {
  std::uint64_t interval = 0;
  if (!is_there() || sd_watchdog_enabled(0, &interval) <= 0) return std::nullopt;
  return std::chrono::microseconds(interval);
}

Result<void> NotifySocket::keep_alive() { return tell("WATCHDOG=1"); }

// FDPOLL=0: else the manager would poll the sockets, and drop one that has an error.
Result<void> NotifySocket::store(int socket) {
  if (!is_there()) return {};
  const auto name = name_of(socket);
  if (!name) return name.error();
  const std::string words = "FDSTORE=1\nFDPOLL=0\nFDNAME=" + *name;
  return answer(sd_pid_notify_with_fds(0, 0, words.c_str(), &socket, 1));
}

Result<void> NotifySocket::forget(int socket) {
  if (!is_there()) return {};
  const auto name = name_of(socket);
  if (!name) return name.error();
  return tell("FDSTOREREMOVE=1\nFDNAME=" + *name);
}

}  // namespace superd
