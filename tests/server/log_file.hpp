// SPDX-License-Identifier: MIT
// A reporter whose lines can be read again.
#pragma once

#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "superd/server/reporter.hpp"
#include "tests/patience.hpp"
#include "tests/scratch.hpp"

namespace superd {

class LogFile {
 public:
  explicit LogFile(LogFormat format = LogFormat::text, LogLevel level = LogLevel::debug) {
    const LogSettings settings{LogSettings::To::file, path(), format, level};
    auto opened = LogWriter::open(settings);
    if (!opened) throw std::runtime_error(opened.error().text);
    reporter_ = std::make_unique<Reporter>(std::move(*opened));
  }

  Reporter& reporter() { return *reporter_; }
  std::string path() const { return scratch_ / "log"; }

  /// Whether `text` gets there.
  bool shows(const std::string& text) const {
    return comes_true([&] { return text_of(path()).find(text) != std::string::npos; });
  }
  /// Ends the reporter; what it wrote, as it is.
  std::vector<std::string> whole_lines() {
    reporter_.reset();
    std::istringstream text(text_of(path()));
    std::vector<std::string> all;
    for (std::string line; std::getline(text, line);) all.push_back(line);
    return all;
  }
  /// The same without time and level.
  std::vector<std::string> lines() {
    std::vector<std::string> all = whole_lines();
    for (std::string& line : all) line.erase(0, line.find(' ', line.find(' ') + 1) + 1);
    return all;
  }

 private:
  Scratch scratch_;
  std::unique_ptr<Reporter> reporter_;
};

}  // namespace superd
