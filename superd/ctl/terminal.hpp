// SPDX-License-Identifier: MIT
// The terminal as a screen of lines and a source of keys; the only room with ncurses. It is given
// back as it was found, however the program ends but by a signal that can't be caught.
#pragma once

#include <optional>
#include <vector>

#include "superd/ctl/top_page.hpp"

namespace superd {

class Terminal {
 public:
  /// Takes the terminal; standard input and output must be one.
  Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal();

  std::size_t width() const;
  std::size_t height() const;
  void draw(const std::vector<TopLine>& page);

  /// A key that was pressed, never waiting; a change of the screen's size is `other`.
  std::optional<TopKey> key();
};

}  // namespace superd
