// SPDX-License-Identifier: MIT
// A table of text in columns, two blanks apart.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace superd {

struct Column {
  std::string head;
  bool right = false;  // numbers stand at the right
  bool may_shrink = false;
};

class Columns {
 public:
  explicit Columns(std::vector<Column> columns);

  /// A row of as many cells as there are columns, none with a line end.
  void add(std::vector<std::string> cells);
  /// A line of its own below the last row, indented.
  void add_note(std::string note);

  /// The lines, the heads first. With `width`, none is longer: columns that may shrink do, the
  /// last one first, and what still doesn't fit is cut.
  std::vector<std::string> lines(std::optional<std::size_t> width) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    std::string note;  // instead of cells
  };
  std::vector<std::size_t> widths(std::optional<std::size_t> width) const;

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

/// The lines with their ends.
std::string join_lines(const std::vector<std::string>& lines);

}  // namespace superd
