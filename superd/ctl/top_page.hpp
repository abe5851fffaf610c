// SPDX-License-Identifier: MIT
// top's screen as lines: made from what was seen and where somebody is, for any size.
#pragma once

#include <string>
#include <vector>

#include "superd/ctl/top_rates.hpp"
#include "superd/ctl/top_state.hpp"

namespace superd {

enum class TopStyle { plain, title, head, selected, alert };

struct TopLine {
  std::string text;  // no wider than the screen
  TopStyle style = TopStyle::plain;
};

/// Lines above and below the rows of a pane.
constexpr std::size_t top_frame = 6;

/// At most `height` lines; the last is the question, the message or the keys.
std::vector<TopLine> top_page(const TopLook& look, const TopState& state, std::size_t width,
                              std::size_t height);

}  // namespace superd
