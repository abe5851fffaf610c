// SPDX-License-Identifier: MIT
// Widths first, then the lines.
#include "superd/ctl/columns.hpp"

#include <algorithm>
#include <numeric>

#include "superd/ctl/text.hpp"

namespace superd {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest = 8;  // no column shrinks below this

std::string padded(const std::string& cell, std::size_t width, bool right) {
  const std::string text = fit(cell, width);
  const std::string blanks(width - std::min(width, columns_of(text)), ' ');
  return right ? blanks + text : text + blanks;
}

}  // namespace

Columns::Columns(std::vector<Column> columns) : columns_(std::move(columns)) {
  std::vector<std::string> heads;
  for (const Column& column : columns_) heads.push_back(column.head);
  add(std::move(heads));
}

void Columns::add(std::vector<std::string> cells) { rows_.push_back({std::move(cells), {}}); }

void Columns::add_note(std::string note) { rows_.push_back({{}, "    " + std::move(note)}); }

std::vector<std::size_t> Columns::widths(std::optional<std::size_t> width) const {
  std::vector<std::size_t> all(columns_.size(), 0);
  for (const Row& row : rows_) {
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      all[i] = std::max(all[i], columns_of(row.cells[i]));
  }
  while (width) {
    const std::size_t total = std::accumulate(all.begin(), all.end(), gap * (all.size() - 1));
    if (total <= *width) break;
    std::size_t* last = nullptr;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (columns_[i].may_shrink && all[i] > narrowest) last = &all[i];
    }
    if (!last) break;
    *last = std::max(narrowest, *last - std::min(*last, total - *width));
  }
  return all;
}

std::vector<std::string> Columns::lines(std::optional<std::size_t> width) const {
  const std::vector<std::size_t> all = widths(width);
  std::vector<std::string> lines;
  for (const Row& row : rows_) {
    std::string line = row.note;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      if (i > 0) line.append(gap, ' ');
      line += padded(row.cells[i], all[i], columns_[i].right);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(width ? fit(line, *width) : line);
  }
  return lines;
}

std::string join_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text.append(line).append("\n");
  return text;
}

}  // namespace superd
