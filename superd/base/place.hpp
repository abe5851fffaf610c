// SPDX-License-Identifier: MIT
// Where something was written: a file, a line and a column, both counted from 1.
#pragma once

#include <memory>
#include <string>

namespace superd {

/// Line 0 stands for the file as a whole; no file stands for the command line.
struct Place {
  std::shared_ptr<const std::string> file;  // shared by all places of a file: tables are large
  int line = 0;
  int column = 0;
};

/// "finger.yaml:7:12", "finger.yaml:7" without a column, "finger.yaml", or "command line".
std::string to_text(const Place& place);

}  // namespace superd
