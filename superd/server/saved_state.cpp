// SPDX-License-Identifier: MIT
// State as JSON. nlohmann's exceptions end here.
#include "superd/server/saved_state.hpp"

#include <nlohmann/json.hpp>

#include "superd/base/overloaded.hpp"

namespace superd {
namespace {

using Json = nlohmann::json;

constexpr int format = 1;

// steady_clock is CLOCK_MONOTONIC: the same through exec.
std::int64_t to_number(Clock::time_point moment) { return moment.time_since_epoch().count(); }
Clock::time_point to_moment(const Json& number) {
  return Clock::time_point(Clock::duration(number.get<Clock::rep>()));
}

Json to_value(const Endpoint& endpoint) { return {to_text(endpoint.address), endpoint.port}; }

Endpoint endpoint_from(const Json& json) {
  const auto address = parse_ip(json.at(0).get<std::string>());
  return {address.value_or(IpAddress{}), json.at(1).get<std::uint16_t>()};
}

Json to_value(const Peer& peer) {
  return std::visit(
      Overloaded{
          [](const InetPeer& inet) {
            return Json{{"transport", static_cast<int>(inet.transport)},
                        {"remote", to_value(inet.remote)},
                        {"local", to_value(inet.local)}};
          },
          [](const UnixPeer& local) {
            Json json{{"uid", local.uid},
                      {"gid", local.gid},
                      {"pid", local.pid},
                      {"path", local.local.path},
                      {"abstract", local.local.abstract},
                      {"kind", static_cast<int>(local.local.kind)}};
            if (local.path) json["sender"] = *local.path;
            return json;
          },
          [](const VsockPeer& vsock) {
            Json json{{"cid", vsock.cid}, {"port", vsock.port}, {"local_port", vsock.local.port}};
            if (vsock.local.cid) json["local_cid"] = *vsock.local.cid;
            return json;
          },
          [](const UnseenPeer& unseen) {
            return Json{{"unseen_at", unseen.local}};
          }},
      peer);
}

// What an earlier superd doesn't write has a default.
Peer peer_from(const Json& json) {
  if (json.contains("unseen_at")) return UnseenPeer{json.at("unseen_at")};
  if (json.contains("remote"))
    return InetPeer{static_cast<Transport>(json.value("transport", 0)),
                    endpoint_from(json.at("remote")), endpoint_from(json.at("local"))};
  if (json.contains("cid")) {
    VsockPeer vsock{json.at("cid"), json.at("port"), {std::nullopt, json.at("local_port")}};
    if (json.contains("local_cid")) vsock.local.cid = json.at("local_cid").get<std::uint32_t>();
    return vsock;
  }
  UnixPeer local{json.at("uid"), json.at("gid"), json.at("pid"),
                 UnixAddress{json.at("path"), json.at("abstract"),
                             static_cast<UnixKind>(json.value("kind", 0))}};
  if (json.contains("sender")) local.path = json.at("sender").get<std::string>();
  return local;
}

Json to_value(const SavedState::Rules& rules) {
  Json json{{"service", rules.service},
            {"stop_signal", rules.stop_signal},
            {"stop_grace", rules.stop_grace.count()},
            {"linger", rules.linger.count()},
            {"on_client_gone", static_cast<int>(rules.on_client_gone)}};
  if (rules.timeout) json["timeout"] = rules.timeout->count();
  if (rules.log) json["log"] = *rules.log;
  return json;
}

SavedState::Rules rules_from(const Json& json) {
  SavedState::Rules rules;
  rules.service = json.at("service");
  rules.stop_signal = json.at("stop_signal");
  rules.stop_grace = Milliseconds(json.at("stop_grace").get<std::int64_t>());
  rules.linger = Milliseconds(json.at("linger").get<std::int64_t>());
  rules.on_client_gone = static_cast<ClientGone>(json.at("on_client_gone").get<int>());
  if (json.contains("timeout"))
    rules.timeout = Milliseconds(json.at("timeout").get<std::int64_t>());
  if (json.contains("log")) rules.log = json.at("log").get<std::size_t>();
  return rules;
}

Json to_value(const SavedState::Connection& connection) {
  return {{"rules", connection.rules},
          {"connection", connection.run.connection},
          {"pid", connection.run.pid},
          {"peer", to_value(connection.run.peer)},
          {"socket", connection.socket},
          {"has_listeners", connection.has_listeners},
          {"phase", static_cast<int>(connection.phase)},
          {"since", to_number(connection.since)},
          {"launched", to_number(connection.launched)},
          {"stop", static_cast<int>(connection.stop)}};
}

SavedState::Connection connection_from(const Json& json, const SavedState& state) {
  SavedState::Connection connection;
  connection.rules = json.at("rules");
  connection.run = {state.rules.at(connection.rules).service, peer_from(json.at("peer")),
                    json.at("connection"), json.at("pid")};
  connection.socket = json.at("socket");
  connection.has_listeners = json.value("has_listeners", false);
  connection.phase = static_cast<Session::Phase>(json.at("phase").get<int>());
  connection.since = to_moment(json.at("since"));
  connection.launched = to_moment(json.at("launched"));
  connection.stop = static_cast<Stop>(json.at("stop").get<int>());
  return connection;
}

Json to_value(const SavedState::Visitor& visitor) {
  return {{"service", visitor.service},
          {"socket", visitor.socket},
          {"peer", to_value(visitor.peer)},
          {"since", to_number(visitor.since)}};
}

SavedState::Visitor visitor_from(const Json& json) {
  return {json.at("service"), json.at("socket"), peer_from(json.at("peer")),
          to_moment(json.at("since"))};
}

Json to_value(const Overrides& overrides) {
  Json list = Json::array();
  for (const auto& [service, those] : overrides.all())
    for (const ActiveOverride& one : those) {
      Json json{{"service", service}, {"key", one.key}, {"value", one.value}};
      if (one.expires) json["expires"] = to_number(*one.expires);
      list.push_back(std::move(json));
    }
  return list;
}

Overrides overrides_from(const Json& list) {
  Overrides overrides;
  for (const Json& json : list) {
    ActiveOverride one{json.at("key"), json.at("value"), std::nullopt};
    if (json.contains("expires")) one.expires = to_moment(json.at("expires"));
    overrides.set(json.at("service"), std::move(one));
  }
  return overrides;
}

SavedState state_from(const Json& json) {
  SavedState state;
  state.version = json.at("version");
  state.descriptors = {json.at("soft_descriptors"), json.at("hard_descriptors")};
  state.generation = json.at("generation");
  state.connections_so_far = json.at("connections_so_far");
  state.started = WallTime(WallTime::duration(json.at("started").get<WallTime::rep>()));
  for (const Json& one : json.at("listeners"))
    state.listeners.push_back({one.at("socket"), one.at("service")});
  for (const Json& one : json.at("logs"))
    state.logs.push_back({one.at("service"), one.at("read_end"), one.at("write_end")});
  for (const Json& one : json.at("rules")) state.rules.push_back(rules_from(one));
  for (const Json& one : json.at("connections"))
    state.connections.push_back(connection_from(one, state));
  for (const Json& one : json.value("visitors", Json::array()))
    state.visitors.push_back(visitor_from(one));
  state.control = json.at("control");
  state.control_path = json.at("control_path");
  state.asked_by = json.at("asked_by");
  state.fresh_clients = json.at("fresh_clients").get<std::vector<int>>();
  state.unanswered_clients = json.at("unanswered_clients").get<std::vector<int>>();
  state.overrides = overrides_from(json.at("overrides"));
  state.paused = json.at("paused").get<std::set<std::string>>();
  state.metrics = json.at("metrics");
  state.bans = json.value("bans", "[]");
  state.bans_are_kept = json.value("bans_are_kept", false);
  state.rates = json.value("rates", "");
  const Json closed_doors = json.value("closed_doors", Json::object());
  for (const auto& [service, until] : closed_doors.items())
    state.closed_doors.emplace(service, to_moment(until));
  for (const Json& one : json.value("registrations", Json::array()))
    state.registrations.push_back(
        {{one.at("program"), one.at("version"), one.at("netid")}, one.at("address")});
  return state;
}

}  // namespace

std::string to_json(const SavedState& state) {
  Json listeners = Json::array(), logs = Json::array(), rules = Json::array(),
       connections = Json::array(), visitors = Json::array(), registrations = Json::array();
  for (const auto& one : state.listeners)
    listeners.push_back({{"socket", one.socket}, {"service", one.service}});
  for (const auto& one : state.logs)
    logs.push_back(
        {{"service", one.service}, {"read_end", one.read_end}, {"write_end", one.write_end}});
  for (const auto& one : state.rules) rules.push_back(to_value(one));
  for (const auto& one : state.connections) connections.push_back(to_value(one));
  for (const auto& one : state.visitors) visitors.push_back(to_value(one));
  for (const auto& [key, address] : state.registrations)
    registrations.push_back({{"program", key.program},
                             {"version", key.version},
                             {"netid", key.netid},
                             {"address", address}});
  Json closed_doors = Json::object();
  for (const auto& [service, until] : state.closed_doors) closed_doors[service] = to_number(until);
  const Json json{{"format", format},
                  {"version", state.version},
                  {"soft_descriptors", state.descriptors.rlim_cur},
                  {"hard_descriptors", state.descriptors.rlim_max},
                  {"generation", state.generation},
                  {"connections_so_far", state.connections_so_far},
                  {"started", state.started.time_since_epoch().count()},
                  {"listeners", std::move(listeners)},
                  {"logs", std::move(logs)},
                  {"rules", std::move(rules)},
                  {"connections", std::move(connections)},
                  {"visitors", std::move(visitors)},
                  {"control", state.control},
                  {"control_path", state.control_path},
                  {"asked_by", state.asked_by},
                  {"fresh_clients", state.fresh_clients},
                  {"unanswered_clients", state.unanswered_clients},
                  {"overrides", to_value(state.overrides)},
                  {"paused", state.paused},
                  {"metrics", state.metrics},
                  {"bans", state.bans},
                  {"bans_are_kept", state.bans_are_kept},
                  {"rates", state.rates},
                  {"closed_doors", std::move(closed_doors)},
                  {"registrations", std::move(registrations)}};
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

Result<SavedState> parse_saved_state(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("format") != format)
      return Error{"the state has format " + json.at("format").dump() +
                       ", and this version of superd knows only " + std::to_string(format),
                   0};
    return state_from(json);
  } catch (const Json::exception& e) {
    return Error{std::string("the state can't be read: ") + e.what(), 0};
  } catch (const std::out_of_range& e) {
    return Error{std::string("the state contradicts itself: ") + e.what(), 0};
  }
}

std::vector<int> descriptors_of(const SavedState& state) {
  std::vector<int> all{state.control, state.asked_by};
  for (const auto& one : state.listeners) all.push_back(one.socket);
  for (const auto& one : state.logs) all.insert(all.end(), {one.read_end, one.write_end});
  for (const auto& one : state.connections) all.push_back(one.socket);
  for (const auto& one : state.visitors) all.push_back(one.socket);
  for (const auto* clients : {&state.fresh_clients, &state.unanswered_clients})
    all.insert(all.end(), clients->begin(), clients->end());
  std::erase_if(all, [](int fd) { return fd < 0; });
  return all;
}

}  // namespace superd
