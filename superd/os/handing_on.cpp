// SPDX-License-Identifier: MIT
// memfd_create(2), execve(2).
#include "superd/os/handing_on.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "superd/os/descriptors.hpp"

namespace superd {
namespace {

void live_through_exec(std::span<const int> descriptors, bool live) {
  for (const int fd : descriptors) fcntl(fd, F_SETFD, live ? 0 : FD_CLOEXEC);
}

}  // namespace

Result<UniqueFd> memory_file(std::string_view content) {
  UniqueFd low(memfd_create("superd", MFD_CLOEXEC));
  if (!low) return system_error("a file in memory", errno);
  auto file = moved_high(std::move(low));
  if (!file) return file.error();
  while (!content.empty()) {
    const ssize_t n = write(file->get(), content.data(), content.size());
    if (n < 0) return system_error("a file in memory", errno);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return file;
}

Result<UniqueFd> reopened_to_read(int memory_file) {
  const std::string path = "/proc/self/fd/" + std::to_string(memory_file);
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return system_error("a file in memory", errno);
  return fd;
}

Result<std::string> whole_content(int fd) {
  struct stat found {};
  if (fstat(fd, &found) != 0) return system_error("state", errno);
  std::string content(static_cast<std::size_t>(found.st_size), '\0');
  std::size_t have = 0;
  while (have < content.size()) {
    const ssize_t n =
        pread(fd, content.data() + have, content.size() - have, static_cast<off_t>(have));
    if (n < 0) return system_error("state", errno);
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  content.resize(have);
  return {boost::system::in_place_value, std::move(content)};
}

Error become(const std::string& program, const std::vector<std::string>& arguments,
             const std::string& variable, const std::string& directory,
             std::span<const int> descriptors) {
  std::vector<char*> argv, environment;
  for (const std::string& one : arguments) argv.push_back(const_cast<char*>(one.c_str()));
  argv.push_back(nullptr);
  const std::string_view name = std::string_view(variable).substr(0, variable.find('=') + 1);
  for (char** one = environ; *one; ++one)
    if (!std::string_view(*one).starts_with(name)) environment.push_back(*one);
  environment.push_back(const_cast<char*>(variable.c_str()));
  environment.push_back(nullptr);

  const UniqueFd here(open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (chdir(directory.c_str()) != 0) return system_error(directory, errno);
  live_through_exec(descriptors, true);
  execve(program.c_str(), argv.data(), environment.data());
  const int error = errno;
  live_through_exec(descriptors, false);
  if (here && fchdir(here.get()) != 0) return system_error("going back", errno);
  return system_error(program, error);
}

}  // namespace superd
