// SPDX-License-Identifier: MIT
// One open, one check of what was opened, one bounded read.
#include "superd/config/source.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <system_error>

namespace superd {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// Without O_NONBLOCK, opening a FIFO that nobody writes would wait for ever.
File open_for_reading(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  return File(descriptor < 0 ? nullptr : fdopen(descriptor, "r"));
}

// Why it isn't a file to read; nullptr if it is one.
const char* kind_fault(mode_t mode) {
  if (S_ISREG(mode)) return nullptr;
  if (S_ISDIR(mode)) return "it is a directory; name a file in it";
  if (S_ISFIFO(mode)) return "it is a pipe; name a regular file";
  return "it is a device or a socket; name a regular file";
}

std::optional<Error> read_all(std::FILE* file, std::string& text) {
  char block[65536];
  while (const std::size_t got = std::fread(block, 1, sizeof block, file)) {
    text.append(block, got);
    if (text.size() > largest_source) return Error{"it is larger than 8 MiB", EFBIG};
  }
  if (std::ferror(file) != 0) return system_error("it can't be read", errno);
  // A byte order mark would be a character of the first line; UTF-8 needs none.
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return std::nullopt;
}

}  // namespace

Result<Source> read_source(const std::string& path) {
  const File file = open_for_reading(path);
  struct stat status {};
  if (!file || fstat(fileno(file.get()), &status) != 0) {
    return system_error("it can't be read", errno);
  }
  if (const char* fault = kind_fault(status.st_mode)) return Error{fault};
  Source source;
  if (auto error = read_all(file.get(), source.text)) return *error;
  source.file = std::make_shared<const std::string>(path);
  source.id = {status.st_dev, status.st_ino};
  source.mode = status.st_mode;
  return source;
}

std::string_view Source::line(int number) const {
  std::string_view rest = text;
  for (int skipped = 1; skipped < number; ++skipped) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

std::string directory_of(const std::string& file) {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::absolute(file, error);
  return error ? "/" : whole.lexically_normal().parent_path().string();
}

std::string line_at(const Place& place) {
  if (!place.file) return {};
  const auto source = read_source(*place.file);
  return source ? std::string(source->line(place.line)) : std::string();
}

}  // namespace superd
