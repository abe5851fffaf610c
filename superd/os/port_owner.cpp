// SPDX-License-Identifier: MIT
// From port to socket inode (sock_diag), from inode to process (/proc/PID/fd, proc(5)).
#include "superd/os/port_owner.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>

#include "superd/os/socket_diag.hpp"

namespace superd {
namespace {

namespace fs = std::filesystem;

// With thousands of processes that come and go, a look at all of them could take seconds.
constexpr std::chrono::milliseconds longest_look{250};

bool holds_one_of(const fs::path& process, const std::set<std::string>& sockets) {
  std::error_code error;
  for (fs::directory_iterator fd(process / "fd", error), end; !error && fd != end;
       fd.increment(error)) {
    if (sockets.contains(fs::read_symlink(fd->path(), error).string())) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> port_owner(Transport transport, std::uint16_t port) {
  const auto deadline = std::chrono::steady_clock::now() + longest_look;
  const auto inodes = listening_sockets(transport, port);
  if (!inodes || inodes->empty()) return std::nullopt;
  std::set<std::string> sockets;  // as /proc writes them
  for (const std::uint64_t inode : *inodes)
    sockets.insert("socket:[" + std::to_string(inode) + "]");
  std::error_code error;
  for (fs::directory_iterator process("/proc", error), end; !error && process != end;
       process.increment(error)) {
    if (std::chrono::steady_clock::now() > deadline) break;
    const std::string pid = process->path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (!holds_one_of(process->path(), sockets)) continue;
    std::string name;
    std::getline(std::ifstream(process->path() / "comm"), name);
    return "pid " + pid + " (" + name + ")";
  }
  return std::nullopt;
}

}  // namespace superd
