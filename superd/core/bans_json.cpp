// SPDX-License-Identifier: MIT
// Bans as they are written down: with the moment on the wall, which is all that two processes
// share, and with how long they were to last, which bounds what that clock can do to them.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "superd/core/bans.hpp"

namespace superd {
namespace {

using Json = nlohmann::ordered_json;

std::string text_in(const Json& json, const char* name) {
  const auto at = json.find(name);
  return at != json.end() && at->is_string() ? at->get<std::string>() : std::string();
}

// Of a stranger's file, perhaps: a member as it is written, but not all of a long one.
std::string as_written(const Json& json, const char* name) {
  constexpr std::size_t longest = 60;
  const auto at = json.find(name);
  if (at == json.end()) return std::string("it has no '") + name + "'";
  std::string text = at->dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > longest) text = text.substr(0, longest) + "...";
  return std::string("its '") + name + "' is " + text;
}

Result<Ban> read_ban(const Json& json, Monotonic now, Moment wall) {
  if (!json.is_object()) return Error{"it is no ban"};
  const auto network = parse_network(text_in(json, "network"));
  if (!network) return Error{as_written(json, "network")};
  const auto until = parse_timestamp(text_in(json, "until"));
  if (!until) return Error{as_written(json, "until")};
  const auto lasts = json.find("lasts_ms");
  if (lasts == json.end() || !lasts->is_number_integer() || *lasts < 0) {
    return Error{as_written(json, "lasts_ms")};
  }
  constexpr std::int64_t ten_years = 10LL * 366 * 86'400'000;
  Ban ban;
  ban.network = network->network;
  ban.reason = text_in(json, "reason");
  ban.by_hand = json.value("by_hand", Json()) == Json(true);
  ban.lasts = Milliseconds(std::clamp<std::int64_t>(lasts->get<std::int64_t>(), 0, ten_years));
  const auto left = std::chrono::duration_cast<Milliseconds>(*until - wall);
  ban.until = now + std::clamp(left, Milliseconds(0), ban.lasts);
  return ban;
}

}  // namespace

std::string Bans::save(Monotonic now, Moment wall) const {
  Json list = Json::array();
  for (const Ban& ban : all()) {
    const auto left = std::chrono::duration_cast<Milliseconds>(ban.until - now);
    Json json{{"network", to_text(ban.network)},
              {"reason", ban.reason},
              {"until", to_timestamp(wall + left)},
              {"lasts_ms", ban.lasts.count()}};
    if (ban.by_hand) json["by_hand"] = true;
    list.push_back(std::move(json));
  }
  return list.dump(1, ' ', true, Json::error_handler_t::replace);
}

Result<Bans::Restored> Bans::restore(std::string_view text, Monotonic now, Moment wall) {
  const Json list = Json::parse(text, nullptr, false);
  if (!list.is_array()) return Error{"it is no list of bans"};
  constexpr std::size_t most_faults = 10;
  Restored restored;
  std::size_t number = 0;
  for (const Json& entry : list) {
    ++number;
    auto ban = read_ban(entry, now, wall);
    if (ban && ban->until <= now) continue;
    const Result<void> added = ban ? add(std::move(*ban)) : Result<void>(ban.error());
    if (added) {
      ++restored.added;
    } else if (restored.faults.size() < most_faults) {
      restored.faults.push_back("entry " + std::to_string(number) + ": " + added.error().text);
    } else {
      ++restored.more_faults;
    }
  }
  return restored;
}

}  // namespace superd
