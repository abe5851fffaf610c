// SPDX-License-Identifier: MIT
// By the members' names, not by the kind of event: so that a kind that comes later needs no change.
#include "superd/ctl/event_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "superd/base/number.hpp"
#include "superd/base/text.hpp"

namespace superd {
namespace {

std::string value_text(const Json& value) {
  if (!value.is_string()) return escape(value.dump(-1, ' ', true, Json::error_handler_t::replace));
  const std::string text = value.get<std::string>();
  const bool plain = !text.empty() && text.find(' ') == std::string::npos;
  return plain ? escape(text) : quote(text, text.size());
}

bool is_memory(std::string_view name) { return name.starts_with("peak_memory"); }

// "duration_ms" 12 is duration=12ms, "peak_memory" 1048576 is memory=1M.
std::string member_text(const std::string& name, const Json& value) {
  const bool number = value.is_number_integer() && value.get<std::int64_t>() >= 0;
  if (number && name.ends_with("_ms"))
    return name.substr(0, name.size() - 3) + "=" +
           duration_to_text(Milliseconds(value.get<std::int64_t>()));
  if (number && is_memory(name))
    return std::string("memory") + (name == "peak_memory" ? "=" : "<=") +
           size_to_text(value.get<std::uint64_t>());
  return escape(name) + "=" + value_text(value);
}

// [::1]:80 or vsock:3:1024, as superd's own log writes a peer.
std::string peer_text(const Json& event) {
  const bool is_vsock = event.contains("peer_cid");
  const std::string address = is_vsock ? "vsock:" + std::to_string(number_of(event, "peer_cid"))
                                       : escape(text_of(event, "peer_address"));
  const bool colons = !is_vsock && address.find(':') != std::string::npos;
  return "peer=" + (colons ? "[" + address + "]" : address) + ":" +
         std::to_string(number_of(event, "peer_port"));
}

bool is_told_elsewhere(const std::string& name) {
  static constexpr std::string_view names[] = {"time",    "level", "event",
                                               "service", "text",  "peer_port"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// "2026-11-22T10:00:00.000+0000" without its T and its zone, which is superd's.
std::string when(const Json& event) {
  std::string time = escape(text_of(event, "time"));
  if (time.size() > 23 && time[10] == 'T') {
    time.resize(23);
    time[10] = ' ';
  }
  return time;
}

std::string what(const Json& event) {
  std::string kind = escape(text_of(event, "event"));
  std::replace(kind.begin(), kind.end(), '_', ' ');
  const std::string text = text_of(event, "text");
  if (text.empty()) return kind;
  return kind == "notice" ? escape(text) : kind + ": " + escape(text);
}

}  // namespace

std::string event_text(const Json& event) {
  const std::string service = text_of(event, "service");
  const std::string who = service.empty() ? "superd" : "service " + quote(service);
  std::string line =
      fmt::format("{} {} {}: {}", when(event), escape(text_of(event, "level")), who, what(event));
  for (const auto& [name, value] : event.items()) {
    if (is_told_elsewhere(name)) continue;
    line += ' ';
    line +=
        name == "peer_address" || name == "peer_cid" ? peer_text(event) : member_text(name, value);
  }
  return line;
}

}  // namespace superd
