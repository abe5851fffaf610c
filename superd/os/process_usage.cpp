// SPDX-License-Identifier: MIT
// proc(5): /proc/PID/stat, whose rss saves reading statm as well, and /proc/self/fd. The latter is
// closed to a process that isn't dumpable, but never to that process itself.
#include "superd/os/process_usage.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <memory>
#include <string_view>

#include "superd/os/fd.hpp"

namespace superd {
namespace {

// Where the fields stand behind the name, counted from 0: the state is the third of all.
constexpr std::size_t user_time = 11, system_time = 12, resident_pages = 21;

// The numbers behind the name. The name is in parentheses and may hold some itself, and spaces; the
// state behind it is no number.
std::optional<ProcessUsage> parse_stat(std::string_view stat) {
  const std::size_t name_end = stat.rfind(") ");
  if (name_end == std::string_view::npos) return std::nullopt;
  stat.remove_prefix(name_end + 2);
  std::array<std::uint64_t, resident_pages + 1> fields{};
  for (std::uint64_t& field : fields) {
    if (stat.empty()) return std::nullopt;
    const std::size_t end = std::min(stat.find(' '), stat.size());
    std::from_chars(stat.data(), stat.data() + end, field);
    stat.remove_prefix(std::min(end + 1, stat.size()));
  }
  static const auto ticks = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  static const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::uint64_t cpu = (fields[user_time] + fields[system_time]) * 1000 / ticks;
  return ProcessUsage{Milliseconds(cpu), fields[resident_pages] * page};
}

std::optional<ProcessUsage> read_stat(const char* path) {
  const UniqueFd file(open(path, O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  char text[1024];  // 52 numbers and a name: the kernel writes it in one piece
  const ssize_t length = read(file.get(), text, sizeof text);
  if (length <= 0) return std::nullopt;  // reaped in between
  return parse_stat({text, static_cast<std::size_t>(length)});
}

// Since Linux 6.2 the directory's size is their number; before, they have to be walked.
std::uint64_t count_own_descriptors() {
  constexpr const char* directory = "/proc/self/fd";
  struct stat status {};
  if (stat(directory, &status) == 0 && status.st_size > 0)
    return static_cast<std::uint64_t>(status.st_size);
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(directory), closedir);
  if (!entries) return 0;
  std::uint64_t count = 0;
  while (const dirent* entry = readdir(entries.get()))
    if (entry->d_name[0] != '.') ++count;
  return count - 1;  // without the one that reads them
}

}  // namespace

std::optional<ProcessUsage> usage_of(pid_t pid) {
  char path[32];
  std::snprintf(path, sizeof path, "/proc/%d/stat", static_cast<int>(pid));
  return read_stat(path);
}

OwnUsage own_usage() {
  OwnUsage usage;
  usage.process = read_stat("/proc/self/stat").value_or(ProcessUsage{});
  usage.open_descriptors = count_own_descriptors();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) usage.descriptor_limit = limit.rlim_cur;
  return usage;
}

}  // namespace superd
