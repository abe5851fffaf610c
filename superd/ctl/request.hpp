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
  const Subcommand* command = nullptr;
  std::vector<std::string> options;    // of the command, with their values: --for, 1h
  std::vector<std::string> arguments;  // in the table's order
  std::string socket;                  // of --socket; empty: not given
  bool json = false;

  bool has(std::string_view option) const;
};

/// As superd reads them: the command's name, options, "--" where an argument could be taken for an
/// option, arguments.
std::vector<std::string> request_words(const Request& request);

/// The words as one line with its end, quoted so that `split_words` gives them back. Error: a word
/// has a line end or a NUL, which no line can carry, or the line is longer than the 64 KiB that
/// superd reads.
Result<std::string> request_line(std::span<const std::string> words);

}  // namespace superd
