// SPDX-License-Identifier: MIT
// The text of one configuration file, read whole and bounded, and its lines.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>

#include "superd/base/place.hpp"
#include "superd/base/result.hpp"

namespace superd {

/// Which file it is, whatever it is called: for finding circles of includes.
struct FileId {
  dev_t device = 0;
  ino_t inode = 0;

  auto operator<=>(const FileId&) const = default;
};

struct Source {
  std::shared_ptr<const std::string> file;  // the name that messages show
  std::string text;
  FileId id;
  mode_t mode = 0;

  /// Line `number` (from 1) without its line break; empty where there is none.
  std::string_view line(int number) const;
};

inline constexpr std::size_t largest_source = 8 << 20;

/// Reads a regular file of at most `largest_source` bytes. The error is a clause: "it is a
/// directory".
Result<Source> read_source(const std::string& path);

/// The absolute directory that holds `file`: relative paths in it begin there.
std::string directory_of(const std::string& file);

/// The line that `place` points at, read anew; empty where it can't be.
std::string line_at(const Place& place);

}  // namespace superd
