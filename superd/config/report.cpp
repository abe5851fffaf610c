// SPDX-License-Identifier: MIT
// Diagnostics in order, without repeats, and no more of them than a person reads.
#include "superd/config/report.hpp"

#include <algorithm>
#include <tuple>

namespace superd {
namespace {

// A file of another kind has a fault on every line; nobody reads more than this.
constexpr std::size_t most_diagnostics = 1000;

// Longer lines are machine-made: quoting one for each of its faults would cost memory and help
// nobody.
constexpr std::size_t longest_quoted_line = 4096;

bool is_same(const Diagnostic& a, const Diagnostic& b) {
  return a.place.file == b.place.file && a.place.line == b.place.line &&
         a.place.column == b.place.column && a.message == b.message;
}

}  // namespace

void Report::error(const Place& place, std::string message) {
  add(Severity::error, place, std::move(message));
}

void Report::warning(const Place& place, std::string message) {
  add(Severity::warning, place, std::move(message));
}

bool Report::has_errors() const { return superd::has_errors(diagnostics_); }

const Source& Report::keep(Source source) {
  order_.emplace(source.file.get(), sources_.size());
  return sources_.emplace_back(std::move(source));
}

void Report::add(Severity severity, const Place& place, std::string message) {
  // The last one is always an error, so that a cut list can't pass as a good one.
  if (diagnostics_.size() > most_diagnostics) return;
  if (diagnostics_.size() == most_diagnostics) {
    severity = Severity::error;
    message = "there are more faults than fit here; mend these first";
  }
  diagnostics_.push_back({severity, place, std::move(message), {}});
}

std::string Report::quoted_line(const Place& place) const {
  const auto found = order_.find(place.file.get());
  if (found == order_.end() || place.line == 0) return {};
  const std::string_view line = sources_[found->second].line(place.line);
  return line.size() <= longest_quoted_line ? std::string(line) : std::string();
}

Diagnostics Report::take() {
  const auto rank = [this](const Diagnostic& diagnostic) {
    const auto found = order_.find(diagnostic.place.file.get());
    const std::size_t file = found == order_.end() ? sources_.size() : found->second;
    return std::tuple(file, diagnostic.place.line, diagnostic.place.column);
  };
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  // What several services share through an alias is wrong only once.
  diagnostics_.erase(std::unique(diagnostics_.begin(), diagnostics_.end(), is_same),
                     diagnostics_.end());
  for (Diagnostic& diagnostic : diagnostics_) diagnostic.source = quoted_line(diagnostic.place);
  return std::move(diagnostics_);
}

}  // namespace superd
