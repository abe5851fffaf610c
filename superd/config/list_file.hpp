// SPDX-License-Identifier: MIT
// A file of rules that `allow` or `deny` names with @: an entry a line, '#' begins a comment. Made
// once for all services that use it.
#pragma once

#include <map>
#include <string>

#include "superd/config/diagnostic.hpp"
#include "superd/config/report.hpp"
#include "superd/core/host.hpp"
#include "superd/core/rule_list.hpp"

namespace superd {

struct LoadedList {
  RuleListPtr list;  // absent if there is an error among the diagnostics
  Diagnostics diagnostics;
};

/// Reads `path`, absolute, at most 8 MiB: after it has changed, too. Errors are placed in it.
LoadedList load_list(const std::string& path, const Host& host);

/// The files of one table, each read once.
class ListFiles {
 public:
  /// Faults in the file are reported at their lines, and then its list is empty. The error is why
  /// it can't be read, a clause.
  Result<RuleListPtr> read(const std::string& path, const Host& host, Report& report);

 private:
  std::map<std::string, Result<RuleListPtr>> read_;
};

}  // namespace superd
