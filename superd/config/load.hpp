// SPDX-License-Identifier: MIT
// text -> ServiceTable, or every reason why not. The one way in: start-up, --check and superctl
// check call it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "superd/config/diagnostic.hpp"
#include "superd/core/host.hpp"
#include "superd/core/service.hpp"

namespace superd {

struct Loaded {
  std::optional<ServiceTable> table;  // absent if there is an error among the diagnostics
  Diagnostics diagnostics;            // in the order of files and lines; warnings too
};

/// Reads `path` and what it includes; in any thread, and in several at once. `daemon` and
/// `defaults` hold for their whole file, wherever in it they stand. An included file inherits the
/// defaults of the file that includes it, and its own win, key by key.
///
/// Bounds: 4,096 files, 8 MiB each and 64 MiB together, 8 levels of include, 64 levels of YAML,
/// 1,000,000 values in a file after aliases, 64 KiB in a value, 65,536 services.
Loaded load(const std::string& path, const Host& host);

/// A table of one service from a command line: superd --listen ADDRESS … [--user U] -- PROGRAM
/// ARGS…. The same keys and checks as in a file; the service is named after the program.
struct CommandLineService {
  std::vector<std::string> listen;
  std::optional<std::string> user;
  std::vector<std::string> command;
};
Loaded load(const CommandLineService& service, const Host& host);

}  // namespace superd
