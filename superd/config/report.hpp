// SPDX-License-Identifier: MIT
// Collects what is wrong while files are read, and hands it over in the order of files and lines.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "superd/config/diagnostic.hpp"
#include "superd/config/source.hpp"

namespace superd {

class Report {
 public:
  void error(const Place& place, std::string message);
  void warning(const Place& place, std::string message);
  bool has_errors() const;

  /// Keeps a file for as long as its lines may be quoted; files are reported in this order.
  const Source& keep(Source source);

  /// Everything said, each thing once, by file and line, with the lines themselves. Ends this
  /// report.
  Diagnostics take();

 private:
  void add(Severity severity, const Place& place, std::string message);
  std::string quoted_line(const Place& place) const;

  std::deque<Source> sources_;                       // references to them stay good
  std::map<const std::string*, std::size_t> order_;  // by the name that places share
  Diagnostics diagnostics_;
};

}  // namespace superd
