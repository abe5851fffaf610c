// SPDX-License-Identifier: MIT
// The command line of superd.
#pragma once

#include <optional>
#include <string>

#include "superd/config/load.hpp"
#include "superd/core/service.hpp"

namespace superd {

struct Options {
  std::string config;  // empty: the standard place
  bool check = false;
  bool daemonize = false;
  std::string pidfile;  // empty: none
  std::optional<LogLevel> log_level;
  std::string control;         // empty: as the table says
  bool check_upgrade = false;  // started by another superd to prove itself (server/upgrade)
  CommandLineService service;  // for --listen … -- PROGRAM
};

/// Reads the command line. Says what is wrong, or --help and --version, itself: then the number is
/// the exit status.
std::variant<Options, int> parse_options(int argc, char** argv);

}  // namespace superd
