// SPDX-License-Identifier: MIT
// Replies to JSON.
#include "superd/server/control_reply.hpp"

#include <nlohmann/json.hpp>

namespace superd {
namespace {

using Json = nlohmann::ordered_json;

// As events are written: ASCII, harmless on a terminal, whatever a file or a handler held.
std::string to_line(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace

// The members are written as they are: they may be those of 10,000 services.
ControlReply success(const Json& members) {
  if (members.empty()) return success();
  return {true, R"({"ok":true,)" + to_line(members).substr(1)};
}

ControlReply success() { return {true, R"({"ok":true})"}; }

ControlReply failure(ControlFault fault, std::string_view error, std::string_view diagnostics) {
  Json json{{"ok", false}, {"status", static_cast<int>(fault)}, {"error", error}};
  if (!diagnostics.empty()) json["diagnostics"] = diagnostics;
  return {false, to_line(json)};
}

}  // namespace superd
