// SPDX-License-Identifier: MIT
// Where somebody is in top: the pane, the order, the selected row, an open question. What a key
// does is decided here, without a terminal and without superd.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "superd/ctl/top_rates.hpp"

namespace superd {

enum class TopKey {
  other,
  up,
  down,
  page_up,
  page_down,
  first,
  last,
  pane,
  sort,
  stop,
  pause,
  help,
  yes,
  quit,
};

enum class TopPane { services, connections };

struct TopState {
  TopPane pane = TopPane::services;
  std::size_t service_order = 0, connection_order = 0;  // of the names below
  // The selection follows the thing, not the row; the row is for when the thing has gone.
  std::size_t service_row = 0, connection_row = 0;
  std::string service;
  std::int64_t connection = 0;
  bool help = false;
  std::optional<TopConnection> stops;  // what x asks about
  std::string message;                 // what the last key did; until the next
  std::string lost;                    // why there is no superd now; empty: it is there
};

/// What each order is called, e.g. "service", "running".
const char* service_order_name(const TopState& state);
const char* connection_order_name(const TopState& state);

/// Puts the rows in order and the selection on a row that is there.
void arrange(TopState& state, TopLook& look);

struct TopAction {
  bool quit = false;
  std::vector<std::string> words;  // what to ask superd for; empty: nothing
};

/// `page` is the number of rows on the screen.
TopAction press(TopKey key, TopState& state, TopLook& look, std::size_t page);

}  // namespace superd
