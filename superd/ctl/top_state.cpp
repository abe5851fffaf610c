// SPDX-License-Identifier: MIT
// Orders are a table, and so are the keys.
#include "superd/ctl/top_state.hpp"

#include <algorithm>
#include <iterator>

namespace superd {
namespace {

template <class Row>
struct Order {
  const char* name;
  bool (*before)(const Row& a, const Row& b);
};

constexpr Order<TopService> service_orders[] = {
    {"service", [](const TopService& a, const TopService& b) { return a.name < b.name; }},
    {"running", [](const TopService& a, const TopService& b) { return a.running > b.running; }},
    {"start/s", [](const TopService& a,
                   const TopService& b) { return a.started_per_second > b.started_per_second; }},
    {"ref/s", [](const TopService& a,
                 const TopService& b) { return a.refused_per_second > b.refused_per_second; }},
    {"started", [](const TopService& a, const TopService& b) { return a.started > b.started; }},
    {"refused", [](const TopService& a, const TopService& b) { return a.refused > b.refused; }},
    {"failed", [](const TopService& a, const TopService& b) { return a.failed > b.failed; }},
};

constexpr Order<TopConnection> connection_orders[] = {
    {"age", [](const TopConnection& a, const TopConnection& b) { return a.age > b.age; }},
    {"cpu",
     [](const TopConnection& a, const TopConnection& b) { return a.processors > b.processors; }},
    {"memory", [](const TopConnection& a, const TopConnection& b) { return a.memory > b.memory; }},
    {"service",
     [](const TopConnection& a, const TopConnection& b) { return a.service < b.service; }},
    {"peer", [](const TopConnection& a, const TopConnection& b) { return a.peer < b.peer; }},
};

// Rows that an order doesn't tell apart stay as superd gave them, and don't jump about.
template <class Row, class Key>
void arrange_rows(std::vector<Row>& rows, const Order<Row>& order, Key Row::*key, Key& selected,
                  std::size_t& row) {
  std::stable_sort(rows.begin(), rows.end(), order.before);
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const Row& one) { return one.*key == selected; });
  if (found != rows.end()) row = static_cast<std::size_t>(found - rows.begin());
  row = std::min(row, rows.empty() ? 0 : rows.size() - 1);
  selected = rows.empty() ? Key() : rows[row].*key;
}

void move_to(std::size_t row, TopState& state, const TopLook& look) {
  if (state.pane == TopPane::services && !look.services.empty()) {
    state.service_row = std::min(row, look.services.size() - 1);
    state.service = look.services[state.service_row].name;
  }
  if (state.pane == TopPane::connections && !look.connections.empty()) {
    state.connection_row = std::min(row, look.connections.size() - 1);
    state.connection = look.connections[state.connection_row].connection;
  }
}

void sort_by_next(TopState& state, TopLook& look) {
  if (state.pane == TopPane::services)
    state.service_order = (state.service_order + 1) % std::size(service_orders);
  else
    state.connection_order = (state.connection_order + 1) % std::size(connection_orders);
  arrange(state, look);
}

void ask_about_stop(TopState& state, const TopLook& look) {
  if (state.pane == TopPane::services) {
    state.message = "x stops a connection: Tab shows them";
  } else if (look.connections.empty()) {
    state.message = "there is no connection to stop";
  } else if (const TopConnection& one = look.connections[state.connection_row]; one.pid == 0) {
    state.message = "this connection waits for its process: there is nothing to stop yet";
  } else {
    state.stops = one;
  }
}

std::vector<std::string> pause_or_resume(TopState& state, const TopLook& look) {
  if (state.pane == TopPane::connections) {
    state.message = "p pauses a service: Tab shows them";
  } else if (look.services.empty()) {
    state.message = "there is no service to pause";
  } else {
    const TopService& one = look.services[state.service_row];
    return {one.state == "paused" ? "resume" : "pause", one.name};
  }
  return {};
}

// Its pid may be another's by now: only a connection that is still there is stopped.
TopAction answer_question(TopKey key, TopState& state, const TopLook& look) {
  const TopConnection asked = *state.stops;
  state.stops.reset();
  const bool there =
      std::any_of(look.connections.begin(), look.connections.end(), [&](const TopConnection& one) {
        return one.connection == asked.connection && one.pid == asked.pid;
      });
  if (key == TopKey::yes && there) return {false, {"stop", std::to_string(asked.pid)}};
  state.message = key == TopKey::yes ? "it has ended by itself" : "not stopped";
  return {};
}

}  // namespace

const char* service_order_name(const TopState& state) {
  return service_orders[state.service_order].name;
}

const char* connection_order_name(const TopState& state) {
  return connection_orders[state.connection_order].name;
}

void arrange(TopState& state, TopLook& look) {
  arrange_rows(look.services, service_orders[state.service_order], &TopService::name, state.service,
               state.service_row);
  arrange_rows(look.connections, connection_orders[state.connection_order],
               &TopConnection::connection, state.connection, state.connection_row);
}

TopAction press(TopKey key, TopState& state, TopLook& look, std::size_t page) {
  if (state.stops) return answer_question(key, state, look);
  state.message.clear();
  if (state.help && key != TopKey::quit) {
    state.help = false;
    return {};
  }
  const bool services = state.pane == TopPane::services;
  const std::size_t row = services ? state.service_row : state.connection_row;
  switch (key) {
    case TopKey::up:
      move_to(row > 0 ? row - 1 : 0, state, look);
      break;
    case TopKey::down:
      move_to(row + 1, state, look);
      break;
    case TopKey::page_up:
      move_to(row > page ? row - page : 0, state, look);
      break;
    case TopKey::page_down:
      move_to(row + page, state, look);
      break;
    case TopKey::first:
      move_to(0, state, look);
      break;
    case TopKey::last:
      move_to(std::max(look.services.size(), look.connections.size()), state, look);
      break;
    case TopKey::pane:
      state.pane = services ? TopPane::connections : TopPane::services;
      break;
    case TopKey::sort:
      sort_by_next(state, look);
      break;
    case TopKey::stop:
      ask_about_stop(state, look);
      break;
    case TopKey::pause:
      return {false, pause_or_resume(state, look)};
    case TopKey::help:
      state.help = true;
      break;
    case TopKey::quit:
      return {true, {}};
    case TopKey::yes:
    case TopKey::other:
      break;
  }
  return {};
}

}  // namespace superd
