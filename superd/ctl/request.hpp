// SPDX-License-Identifier: MIT
// What the administrator asks: a command of the table and its words, as they are sent to superd.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "superd/base/result.hpp"
#include "superd/ctl/commands.hpp"

namespace superd {

struct Request {
  const Command* command = nullptr;
  std::vector<std::string> words;  // the command's name, then what was given, in the table's order
  std::string socket;              // of --socket; empty: not given
  bool json = false;

  bool has(std::string_view word) const;
};

/// The words as one line with its end, quoted so that `split_words` gives them back. Error: a word
/// has a line end or a NUL, which no line can carry, or the line is longer than the 64 KiB that
/// superd reads.
Result<std::string> request_line(std::span<const std::string> words);

}  // namespace superd
