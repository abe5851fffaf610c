// SPDX-License-Identifier: MIT
// The commands.
#include "superd/server/administration.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "superd/base/text.hpp"
#include "superd/config/emit.hpp"
#include "superd/server/relays.hpp"

namespace superd {
namespace {

using Json = nlohmann::ordered_json;

bool is_among(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

ControlReply refusal(const ChangeOutcome& outcome, const char* error) {
  return failure(ControlFault::wrong, error, to_text(outcome.diagnostics));
}

// Without --for: a hundred years.
constexpr Milliseconds longest_ban = std::chrono::hours(24 * 365 * 100);

// A service may be named like a number: then it is meant.
std::optional<pid_t> pid_from(const std::string& word) {
  const auto pid = parse_number(word, 1, std::numeric_limits<pid_t>::max());
  if (!pid) return std::nullopt;
  return static_cast<pid_t>(*pid);
}

}  // namespace

awaitable<ControlReply> Administration::answer(ControlCall call) {
  const ControlRequest& request = call.request;
  switch (request.command) {
    case Command::status:
      co_return status(request);
    case Command::ps:
      co_return connections(request);
    case Command::events:
      if (request.service)
        if (auto fault = fault_of({*request.service})) co_return *fault;
      co_return success();
    case Command::show:
      co_return show(request);
    case Command::metrics:
      co_return success({{"text", life_.metrics()}});
    case Command::diff:
      co_return co_await compare(request);
    case Command::explain:
      co_return co_await explain(request);
    case Command::bans:
      co_return bans();
    case Command::ban:
      co_return ban(request);
    case Command::unban:
      co_return unban(request);
    case Command::reload:
      co_return co_await reload();
    case Command::pause:
      co_return pause(request);
    case Command::resume:
      co_return resume(request);
    case Command::stop:
      co_return stop(request);
    case Command::set:
      co_return co_await set(request);
    case Command::unset:
      co_return co_await unset(request);
    case Command::drain:
      life_.drain();
      co_return success();
    case Command::shutdown:
      life_.shut_down();
      co_return success();
    case Command::upgrade:
      co_return co_await upgrade(request, call.client);
  }
  co_return failure(ControlFault::failed, "a command without an answer: a bug");
}

// Absent: all of them are there.
std::optional<ControlReply> Administration::fault_of(
    const std::vector<std::string>& services) const {
  for (const std::string& name : services) {
    if (roster_.find(name)) continue;
    std::vector<std::string_view> names;
    for (const ServicePtr& service : roster_.table().services) names.push_back(service->name);
    const auto close = nearest(name, names);
    return failure(ControlFault::wrong, "there is no service " + quote(name) +
                                            (close ? "; did you mean " + quote(*close) + "?"
                                                   : "; 'superctl status' lists them"));
  }
  return std::nullopt;
}

ControlReply Administration::status(const ControlRequest& request) const {
  if (auto fault = fault_of(request.arguments)) return *fault;
  Json services = Json::array();
  const auto& all = roster_.table().services;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string& name = all[i]->name;
    if (!is_among(request.arguments, name)) continue;
    if (request.active && !is_active(metrics_.find(name))) continue;
    services.push_back(service_to_json(roster_, i, metrics_, runtime_.warm));
  }
  return success(
      {{"daemon", to_json(life_.status(), roster_, runtime_)}, {"services", std::move(services)}});
}

ControlReply Administration::connections(const ControlRequest& request) const {
  // A service that was removed may have connections still: no fault.
  Json list = Json::array();
  for (const Session& session : runtime_.sessions.all())
    if (is_among(request.arguments, session.run.service)) list.push_back(to_json(session));
  return success({{"connections", std::move(list)}});
}

ControlReply Administration::show(const ControlRequest& request) const {
  if (auto fault = fault_of(request.arguments)) return *fault;
  return success({{"text", emit_yaml(roster_.table(), request.arguments)},
                  {"table", Json::parse(emit_json(roster_.table(), request.arguments))}});
}

awaitable<ControlReply> Administration::compare(const ControlRequest& request) {
  std::optional<std::string> file;
  if (!request.arguments.empty()) file = request.arguments.front();
  const ChangeOutcome outcome = co_await changes_->compare(std::move(file));
  if (!outcome.change) co_return refusal(outcome, "the table is wrong");
  co_return success(
      {{"diff", to_json(*outcome.change)}, {"warnings", to_text(outcome.diagnostics)}});
}

awaitable<ControlReply> Administration::reload() {
  const ChangeOutcome outcome = co_await changes_->reload();
  if (!outcome.change) co_return refusal(outcome, "the table is wrong; the one in use serves on");
  co_return success({{"generation", roster_.table().generation},
                     {"diff", to_json(*outcome.change)},
                     {"warnings", to_text(outcome.diagnostics)}});
}

// Names are asked for as a visitor's would be.
awaitable<ControlReply> Administration::explain(const ControlRequest& request) {
  if (auto fault = fault_of({request.arguments[0]})) co_return *fault;
  const ServicePtr service = roster_.table().services[*roster_.find(request.arguments[0])];
  const auto peer = parse_visitor(request.arguments[1]);
  if (!peer) co_return failure(ControlFault::wrong, peer.error().text);
  Gate::Known known;
  Explanation explanation = runtime_.gate.explain_visit(*service, *peer, known, request.at);
  if (explanation.needs_name) {
    co_await ask(Gate::Question::name, *service, *peer, known, runtime_);
    explanation = runtime_.gate.explain_visit(*service, *peer, known, request.at);
  }
  co_return success(Json::parse(to_json(explanation)));
}

ControlReply Administration::bans() const {
  Json list = Json::array();
  for (const Ban& ban : runtime_.gate.bans().all()) list.push_back(to_json(ban));
  return success({{"bans", std::move(list)}});
}

ControlReply Administration::ban(const ControlRequest& request) {
  const auto network = parse_network(request.arguments.front());
  if (!network) return failure(ControlFault::wrong, network.error().text);
  const Milliseconds lasts = request.duration.value_or(longest_ban);
  if (lasts.count() == 0)
    return failure(ControlFault::wrong, "'--for' is '0s'; give a time, or 'superctl unban'");
  const auto banned = runtime_.gate.ban({.network = network->network,
                                         .reason = request.reason.value_or("by hand"),
                                         .by_hand = true,
                                         .lasts = lasts,
                                         .until = Clock::now() + lasts});
  if (!banned) return failure(ControlFault::failed, banned.error().text);
  return success();
}

ControlReply Administration::unban(const ControlRequest& request) {
  const auto network = parse_network(request.arguments.front());
  if (!network) return failure(ControlFault::wrong, network.error().text);
  if (!runtime_.gate.unban(network->network))
    return failure(ControlFault::failed, quote(request.arguments.front()) +
                                             " isn't banned as such; 'superctl bans' lists who is");
  return success();
}

ControlReply Administration::pause(const ControlRequest& request) {
  if (auto fault = fault_of(request.arguments)) return *fault;
  for (const std::string& name : request.arguments)
    if (roster_.pause(*roster_.find(name))) runtime_.reporter.report(ServicePaused{name});
  return success();
}

ControlReply Administration::resume(const ControlRequest& request) {
  if (auto fault = fault_of(request.arguments)) return *fault;
  for (const std::string& name : request.arguments)
    if (roster_.resume(*roster_.find(name))) runtime_.reporter.report(ServiceResumed{name});
  return success();
}

ControlReply Administration::stop(const ControlRequest& request) {
  const std::string& which = request.arguments.front();
  const auto pid = roster_.find(which) ? std::nullopt : pid_from(which);
  std::size_t stopped = 0;
  const auto& all = runtime_.sessions.all();
  for (auto next = all.begin(); next != all.end();) {
    const Session& session = *next++;  // one that is ended at once leaves the list
    if (pid ? session.run.pid != *pid : session.run.service != which) continue;
    if (session.child)
      runtime_.supervisor.stop(*session.child, Stop::administrator);
    else if (!runtime_.relays.stop(session, Stop::administrator))
      continue;
    ++stopped;
  }
  if (stopped == 0 && pid)
    return failure(ControlFault::failed,
                   "no handler has pid " + which + "; 'superctl ps' lists them");
  // A service that was removed may have handlers left, and then it was one.
  if (stopped == 0)
    if (auto fault = fault_of({which})) return *fault;
  return success({{"stopped", stopped}});
}

awaitable<ControlReply> Administration::set(const ControlRequest& request) {
  const std::string &name = request.arguments[0], &key = request.arguments[1],
                    &value = request.arguments[2];
  if (auto fault = fault_of({name})) co_return *fault;
  const auto permitted = roster_.try_override(name, key, value);
  if (!permitted) co_return failure(ControlFault::wrong, permitted.error().text);
  std::function<void(Overrides&)> edit = [&](Overrides& overrides) {
    std::optional<Clock::time_point> expires;
    if (request.duration) expires = Clock::now() + *request.duration;
    overrides.set(name, {key, value, expires});
  };
  const ChangeOutcome outcome = co_await changes_->override_with(std::move(edit));
  if (!outcome.change) co_return refusal(outcome, "the override can't be put to use");
  runtime_.reporter.report(Overridden{name, key, value, request.duration});
  co_return success();
}

awaitable<ControlReply> Administration::unset(const ControlRequest& request) {
  const std::string& name = request.arguments[0];
  const std::string key = request.arguments.size() > 1 ? request.arguments[1] : "";
  if (auto fault = fault_of({name})) co_return *fault;
  std::vector<ActiveOverride> gone;
  std::function<void(Overrides&)> edit = [&](Overrides& overrides) {
    gone = overrides.unset(name, key);
  };
  const ChangeOutcome outcome = co_await changes_->override_with(std::move(edit));
  if (!outcome.change) co_return refusal(outcome, "the override can't be ended");
  for (const ActiveOverride& one : gone)
    runtime_.reporter.report(Overridden{name, one.key, std::nullopt, std::nullopt});
  co_return success({{"removed", gone.size()}});
}

// Answered here only where it is refused.
awaitable<ControlReply> Administration::upgrade(const ControlRequest& request, int client) {
  std::string program = request.arguments.empty() ? "" : request.arguments.front();
  const std::string refused = co_await life_.upgrade(std::move(program), client);
  co_return failure(ControlFault::failed, "upgrade refused: " + refused);
}

}  // namespace superd
