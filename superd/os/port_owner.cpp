// SPDX-License-Identifier: MIT
// From port to socket inode (/proc/net/tcp, tcp6: proc(5)), from inode to process (/proc/PID/fd).
#include "superd/os/port_owner.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace superd {
namespace {

namespace fs = std::filesystem;

constexpr const char* listening_state = "0A";
// With thousands of processes that come and go, a look at all of them could take seconds.
constexpr std::chrono::milliseconds longest_look{250};

std::set<std::string> listening_inodes(std::uint16_t port) {
  std::array<char, 8> wanted{};
  std::snprintf(wanted.data(), wanted.size(), ":%04X", port);
  std::set<std::string> inodes;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream lines(table);
    for (std::string line; std::getline(lines, line);) {
      if (line.find(wanted.data()) == line.npos) continue;  // most: connections that have ended
      std::istringstream words(line);
      std::string slot, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
      words >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> uid >>
          timeout >> inode;
      if (state == listening_state && local.ends_with(wanted.data())) inodes.insert(inode);
    }
  }
  return inodes;
}

bool holds_one_of(const fs::path& process, const std::set<std::string>& inodes) {
  std::error_code error;
  for (fs::directory_iterator fd(process / "fd", error), end; !error && fd != end;
       fd.increment(error)) {
    const std::string target = fs::read_symlink(fd->path(), error).string();
    if (!target.starts_with("socket:[")) continue;
    if (inodes.contains(target.substr(8, target.size() - 9))) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> tcp_port_owner(std::uint16_t port) {
  const auto deadline = std::chrono::steady_clock::now() + longest_look;
  const auto inodes = listening_inodes(port);
  if (inodes.empty()) return std::nullopt;
  std::error_code error;
  for (fs::directory_iterator process("/proc", error), end; !error && process != end;
       process.increment(error)) {
    if (std::chrono::steady_clock::now() > deadline) break;
    const std::string pid = process->path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (!holds_one_of(process->path(), inodes)) continue;
    std::string name;
    std::getline(std::ifstream(process->path() / "comm"), name);
    return "pid " + pid + " (" + name + ")";
  }
  return std::nullopt;
}

}  // namespace superd
