// SPDX-License-Identifier: MIT
// Head, pane, foot.
#include "superd/ctl/top_page.hpp"

#include <fmt/format.h>

#include "superd/base/text.hpp"
#include "superd/ctl/columns.hpp"

namespace superd {
namespace {

constexpr const char* keys_line = "Tab pane  s sort  j k select  p pause  x stop  ? help  q quit";

constexpr const char* help_lines[] = {
    "Tab        services or connections",
    "down, j    select the next row",
    "up, k      select the row before; Page Up, Page Down, Home and End too",
    "s          sort by the next column",
    "p          pause the selected service, or resume it",
    "x          stop the handler of the selected connection; it asks first",
    "q          quit",
    "",
    "start/s and ref/s: connections started and refused per second.",
    "cpu: of one processor, since the last look.",
};

std::string per_second(double rate) { return rate == 0 ? "0" : fmt::format("{:.1f}", rate); }

std::string first_line(const TopLook& look) {
  const Json& daemon = look.daemon;
  return fmt::format(
      "superd {}, pid {}, {}, up {}, generation {}", escape(text_of(daemon, "version")),
      number_of(daemon, "pid"), escape(text_of(daemon, "state")),
      roughly(Milliseconds(number_of(daemon, "uptime_ms"))), number_of(daemon, "generation"));
}

std::string second_line(const TopLook& look) {
  const Json& daemon = look.daemon;
  return fmt::format("{} of {} handlers, {}/s started, {}/s refused, {} of memory, {} descriptors",
                     number_of(daemon, "running"), number_of(daemon, "instances"),
                     per_second(look.connections_per_second), per_second(look.refused_per_second),
                     size_to_text(static_cast<std::uint64_t>(
                         std::max<std::int64_t>(0, number_of(daemon, "memory")))),
                     number_of(daemon, "descriptors"));
}

TopLine alert_line(const TopLook& look, const TopState& state) {
  if (!state.lost.empty()) return {"trying again: " + escape(state.lost), TopStyle::alert};
  const std::string paused = text_of(look.daemon, "paused");
  if (!paused.empty()) return {"no listener accepts: " + escape(paused), TopStyle::alert};
  return {};
}

std::string pane_line(const TopLook& look, const TopState& state) {
  const bool services = state.pane == TopPane::services;
  const std::string left =
      fmt::format("{} {}", services ? "[Services]" : " Services ", look.services.size());
  const std::string right =
      fmt::format("{} {}", services ? " Connections " : "[Connections]", look.connections.size());
  return fmt::format("{}  {}   by {}", left, right,
                     services ? service_order_name(state) : connection_order_name(state));
}

std::vector<std::string> service_rows(const TopLook& look, std::size_t width) {
  Columns table({{"SERVICE", false, true},
                 {"STATE"},
                 {"RUN", true},
                 {"START/S", true},
                 {"REF/S", true},
                 {"STARTED", true},
                 {"REFUSED", true},
                 {"FAILED", true},
                 {"ADDRESS", false, true}});
  for (const TopService& one : look.services) {
    table.add({escape(one.name), one.state, std::to_string(one.running),
               per_second(one.started_per_second), per_second(one.refused_per_second),
               std::to_string(one.started), std::to_string(one.refused), std::to_string(one.failed),
               one.addresses});
  }
  return table.lines(width);
}

std::vector<std::string> connection_rows(const TopLook& look, std::size_t width) {
  Columns table({{"PID", true},
                 {"SERVICE", false, true},
                 {"STATE"},
                 {"AGE", true},
                 {"CPU", true},
                 {"MEMORY", true},
                 {"PEER", false, true}});
  for (const TopConnection& one : look.connections) {
    table.add({one.pid == 0 ? "-" : std::to_string(one.pid), one.service, one.state,
               roughly(one.age), fmt::format("{:.0f}%", one.processors * 100),
               size_to_text(one.memory), one.peer});
  }
  return table.lines(width);
}

// The heads, and as many rows as there is room for, the selected one among them.
void add_pane(std::vector<TopLine>& page, const TopLook& look, const TopState& state,
              std::size_t width, std::size_t room) {
  const bool services = state.pane == TopPane::services;
  const std::vector<std::string> lines =
      services ? service_rows(look, width) : connection_rows(look, width);
  const std::size_t selected = services ? state.service_row : state.connection_row;
  page.push_back({lines[0], TopStyle::head});
  const std::size_t first = selected < room ? 0 : selected - room + 1;
  for (std::size_t row = first; row < lines.size() - 1 && row < first + room; ++row)
    page.push_back({lines[row + 1], row == selected ? TopStyle::selected : TopStyle::plain});
}

void add_help(std::vector<TopLine>& page) {
  for (const char* line : help_lines) page.push_back({line, TopStyle::plain});
}

TopLine foot_line(const TopState& state) {
  if (state.stops)
    return {fmt::format("stop pid {} of '{}', peer {}? y/n", state.stops->pid, state.stops->service,
                        state.stops->peer),
            TopStyle::alert};
  if (state.help) return {"any key goes back", TopStyle::plain};
  if (!state.message.empty()) return {escape(state.message), TopStyle::title};
  return {keys_line, TopStyle::plain};
}

}  // namespace

std::vector<TopLine> top_page(const TopLook& look, const TopState& state, std::size_t width,
                              std::size_t height) {
  std::vector<TopLine> page{{first_line(look), TopStyle::title},
                            {second_line(look), TopStyle::plain},
                            alert_line(look, state),
                            {pane_line(look, state), TopStyle::title}};
  if (state.help)
    add_help(page);
  else
    add_pane(page, look, state, width, height > top_frame ? height - top_frame : 1);
  page.resize(height > 0 ? height - 1 : 0);
  if (height > 0) page.push_back(foot_line(state));
  for (TopLine& line : page) line.text = fit(line.text, width);
  return page;
}

}  // namespace superd
