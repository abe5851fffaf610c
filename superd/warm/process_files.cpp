// SPDX-License-Identifier: MIT
// /proc/PID.
#include "superd/warm/process_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "superd/os/fd.hpp"

namespace superd {
namespace {

std::string path_of(pid_t process, const char* what) {
  return "/proc/" + std::to_string(process) + "/" + what;
}

// Empty where it can't be read, and errno says why.
std::string contents(const std::string& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char text[4096];
  const ssize_t length = file ? read(file.get(), text, sizeof text) : 0;
  return {text, static_cast<std::size_t>(std::max<ssize_t>(0, length))};
}

std::vector<int> numbers_in(const std::string& folder) {
  std::vector<int> numbers;
  DIR* const entries = opendir(folder.c_str());
  if (!entries) return numbers;
  while (const dirent* entry = readdir(entries))
    if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9') numbers.push_back(atoi(entry->d_name));
  closedir(entries);
  return numbers;
}

std::string link_at(const std::string& path) {
  char target[64];
  const ssize_t length = readlink(path.c_str(), target, sizeof target);
  return {target, static_cast<std::size_t>(std::max<ssize_t>(0, length))};
}

bool is_closed_on_exec(pid_t process, int number) {
  const std::string text = contents(path_of(process, "fdinfo/") + std::to_string(number));
  const auto flags = text.find("flags:");
  return flags != std::string::npos &&
         (strtol(text.c_str() + flags + 6, nullptr, 8) & O_CLOEXEC) != 0;
}

// "Seccomp_filters:" where the kernel counts them, or the mode at least.
long filters_of(const std::string& status) {
  long count = 0;
  for (const char* const name : {"\nSeccomp:", "\nSeccomp_filters:"})
    if (const auto at = status.find(name); at != std::string::npos)
      count += strtol(status.c_str() + at + strlen(name), nullptr, 10);
  return count;
}

}  // namespace

Result<std::vector<PairCopy>> copies_of(pid_t process, const std::string& link) {
  std::vector<PairCopy> copies;
  const std::string folder = path_of(process, "fd");
  if (access(folder.c_str(), R_OK) != 0) return system_error("it may not be looked at", errno);
  for (const int number : numbers_in(folder))
    if (link_at(folder + "/" + std::to_string(number)) == link)
      copies.push_back({number, is_closed_on_exec(process, number)});
  return as_result(std::move(copies));
}

std::string link_of(int descriptor) {
  return link_at("/proc/self/fd/" + std::to_string(descriptor));
}

std::vector<pid_t> threads_of(pid_t process) { return numbers_in(path_of(process, "task")); }

// "0 0x0 0x7f… 0x2000 …", or "running", or "-1 …" outside of a call.
CallUnderWay call_of(pid_t process, pid_t thread) {
  CallUnderWay call;
  errno = 0;
  const std::string text =
      contents(path_of(process, "task/") + std::to_string(thread) + "/syscall");
  if (text.empty()) call.error = errno;
  if (text.empty() || text[0] < '0' || text[0] > '9') return call;
  char* next = nullptr;
  call.number = strtol(text.c_str(), &next, 10);
  for (Word& argument : call.arguments) argument = strtoull(next, &next, 16);
  return call;
}

// "tfd:        0 events: …", a line for each.
bool watches(pid_t process, int epoll, const std::vector<PairCopy>& copies) {
  const std::string text = contents(path_of(process, "fdinfo/") + std::to_string(epoll));
  for (auto at = text.find("tfd:"); at != std::string::npos; at = text.find("tfd:", at + 1)) {
    const int watched = atoi(text.c_str() + at + 4);
    if (std::any_of(copies.begin(), copies.end(),
                    [&](const PairCopy& copy) { return copy.number == watched; }))
      return true;
  }
  return false;
}

bool has_own_filter(pid_t process) {
  return filters_of(contents(path_of(process, "status"))) >
         filters_of(contents("/proc/self/status"));
}

bool read_memory(pid_t process, Word address, void* to, std::size_t size) {
  const iovec here{to, size};
  const iovec there{reinterpret_cast<void*>(address), size};
  return process_vm_readv(process, &here, 1, &there, 1, 0) == static_cast<ssize_t>(size);
}

}  // namespace superd
