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

std::optional<Ban> read_ban(const Json& json, Monotonic now, Moment wall) {
  if (!json.is_object()) return std::nullopt;
  const auto network = parse_network(text_in(json, "network"));
  const auto until = parse_timestamp(text_in(json, "until"));
  const auto lasts = json.find("lasts_ms");
  if (!network || !until || lasts == json.end() || !lasts->is_number_integer()) {
    return std::nullopt;
  }
  constexpr std::int64_t ten_years = 10LL * 366 * 86'400'000;
  Ban ban;
  ban.network = network->network;
  ban.reason = text_in(json, "reason");
  ban.by_hand = json.value("by_hand", Json()) == Json(true);
  ban.lasts = Milliseconds(std::clamp<std::int64_t>(lasts->get<std::int64_t>(), 0, ten_years));
  const auto left = std::chrono::duration_cast<Milliseconds>(*until - wall);
  ban.until = now + std::clamp(left, Milliseconds(0), ban.lasts);
  return ban.until > now ? std::optional(ban) : std::nullopt;
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

Result<std::size_t> Bans::restore(std::string_view text, Monotonic now, Moment wall) {
  const Json list = Json::parse(text, nullptr, false);
  if (!list.is_array()) return Error{"it is no list of bans"};
  std::size_t count = 0;
  for (const Json& entry : list) {
    auto ban = read_ban(entry, now, wall);
    if (ban && add(std::move(*ban))) ++count;
  }
  return as_result(count);
}

}  // namespace superd
