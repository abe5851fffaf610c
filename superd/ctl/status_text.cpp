// SPDX-License-Identifier: MIT
// Tables, and notes below their rows. Names, addresses and values come from tables and from peers:
// all are escaped.
#include "superd/ctl/status_text.hpp"

#include <algorithm>

#include "superd/base/text.hpp"
#include "superd/ctl/columns.hpp"

namespace superd {
namespace {

std::string count(const Json& object, const char* name) {
  return std::to_string(number_of(object, name));
}

std::string size(const Json& object, const char* name) {
  return size_to_text(
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, number_of(object, name))));
}

Milliseconds milliseconds(const Json& object, const char* name) {
  return Milliseconds(number_of(object, name));
}

// Empty while all programs end well.
std::string ends_text(const Json& service) {
  const Json& ended = member(service, "ended");
  const std::int64_t failed = number_of(ended, "failed"), signal = number_of(ended, "signal");
  if (failed == 0 && signal == 0) return {};
  return "ended: " + count(ended, "fine") + " fine, " + std::to_string(failed) +
         " with another status, " + std::to_string(signal) + " by a signal";
}

std::string warm_text(const Json& warm) {
  if (const std::string why = text_of(warm, "why_not"); !why.empty())
    return "not kept warm: " + escape(why);
  return "warm: " + count(warm, "ready") + " of " + count(warm, "wanted") + " ready, " +
         count(warm, "given") + " given a connection";
}

void add_service(Columns& table, const Json& service, SystemTime now) {
  table.add({escape(text_of(service, "name")), addresses_text(service),
             escape(text_of(service, "state")), count(service, "running"),
             count(service, "started"), std::to_string(refused_sum(service)),
             count(service, "failed"), ago(text_of(service, "last_used"), now)});
  if (refused_sum(service) > 0) table.add_note("refused: " + refused_text(service));
  if (const std::string ends = ends_text(service); !ends.empty()) table.add_note(ends);
  if (service.contains("warm")) table.add_note(warm_text(service["warm"]));
  for (const Json& one : member(service, "overrides")) table.add_note("set: " + override_text(one));
}

}  // namespace

std::vector<std::string> daemon_lines(const Json& daemon) {
  const Json& table = member(daemon, "table");
  const std::string from = table.is_string() ? escape(table.get<std::string>()) : "a command line";
  std::vector<std::string> lines{
      "superd " + escape(text_of(daemon, "version")) + ", pid " + count(daemon, "pid") + ", as " +
          escape(text_of(daemon, "user")) + ", " + escape(text_of(daemon, "state")) + " " + from +
          " (generation " + count(daemon, "generation") + "), up " +
          roughly(milliseconds(daemon, "uptime_ms")),
      count(daemon, "running") + " of " + count(daemon, "instances") + " handlers running, " +
          count_of(static_cast<std::size_t>(number_of(daemon, "connections")), "connection") +
          " so far, " + size(daemon, "memory") + " of memory, " + count(daemon, "descriptors") +
          " descriptors"};
  if (member(daemon, "paused").is_string())
    lines.push_back("no listener accepts: " + escape(text_of(daemon, "paused")));
  if (number_of(daemon, "dropped_lines") > 0)
    lines.push_back("the log lost " + count(daemon, "dropped_lines") + " lines");
  return lines;
}

std::string addresses_text(const Json& service) {
  std::string text;
  for (const Json& one : member(service, "addresses")) {
    if (!one.is_string()) continue;
    if (!text.empty()) text += ", ";
    escape_to(text, one.get<std::string>());
  }
  return text.empty() ? "-" : text;
}

std::int64_t refused_sum(const Json& service) {
  std::int64_t sum = 0;
  for (const Json& one : member(service, "refused")) {
    if (one.is_number_integer()) sum += one.get<std::int64_t>();
  }
  return sum;
}

std::string refused_text(const Json& service) {
  std::string text;
  const Json& refused = member(service, "refused");
  if (!refused.is_object()) return text;
  for (const auto& [reason, times] : refused.items()) {
    if (!times.is_number_integer()) continue;
    if (!text.empty()) text += ", ";
    text += escape(reason) + " " + std::to_string(times.get<std::int64_t>());
  }
  return text;
}

std::string override_text(const Json& override) {
  std::string text = escape(text_of(override, "key")) + " is " + quote(text_of(override, "value"));
  if (member(override, "expires_ms").is_number_integer())
    text += " for another " + roughly(milliseconds(override, "expires_ms"));
  return text;
}

std::string status_text(const Json& answer, SystemTime now, std::optional<std::size_t> width) {
  Columns table({{"SERVICE", false, true},
                 {"ADDRESSES", false, true},
                 {"STATE"},
                 {"RUNNING", true},
                 {"STARTED", true},
                 {"REFUSED", true},
                 {"FAILED", true},
                 {"LAST USED"}});
  for (const Json& service : member(answer, "services")) add_service(table, service, now);
  return join_lines(daemon_lines(member(answer, "daemon"))) + "\n" + join_lines(table.lines(width));
}

// What programs say of themselves: most are never asked.
bool has_status(const Json& connections) {
  return std::any_of(connections.begin(), connections.end(),
                     [](const Json& one) { return !text_of(one, "status").empty(); });
}

std::string ps_text(const Json& answer, std::optional<std::size_t> width) {
  std::vector<Column> columns{
      {"PID", true}, {"SERVICE", false, true}, {"PEER", false, true}, {"STATE"}, {"AGE", true},
      {"CPU", true}, {"MEMORY", true}};
  const bool tell = has_status(member(answer, "connections"));
  if (tell) columns.push_back({"STATUS", false, true});
  Columns table(std::move(columns));
  for (const Json& one : member(answer, "connections")) {
    const bool waiting = number_of(one, "pid") == 0;
    std::vector<std::string> row{waiting ? "-" : count(one, "pid"),
                                 escape(text_of(one, "service")),
                                 escape(text_of(one, "peer")),
                                 escape(text_of(one, "state")),
                                 roughly(milliseconds(one, "age_ms")),
                                 duration_to_text(milliseconds(one, "cpu_ms")),
                                 size(one, "memory")};
    if (tell) row.push_back(escape(text_of(one, "status")));
    table.add(std::move(row));
  }
  return join_lines(table.lines(width));
}

std::string bans_text(const Json& answer, std::optional<std::size_t> width) {
  Columns table({{"NETWORK"}, {"LEFT", true}, {"BY"}, {"REASON", false, true}});
  for (const Json& one : member(answer, "bans")) {
    const bool by_hand = one.contains("by_hand") && one["by_hand"] == true;
    table.add({escape(text_of(one, "network")), roughly(milliseconds(one, "left_ms")),
               by_hand ? "hand" : "trap", escape(text_of(one, "reason"))});
  }
  return join_lines(table.lines(width));
}

}  // namespace superd
