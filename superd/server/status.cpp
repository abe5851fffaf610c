// SPDX-License-Identifier: MIT
// Values to JSON.
#include "superd/server/status.hpp"

#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "superd/base/timestamp.hpp"
#include "superd/os/process_usage.hpp"

namespace superd {
namespace {

using Json = nlohmann::ordered_json;

Milliseconds since(Clock::time_point moment) {
  return std::chrono::duration_cast<Milliseconds>(Clock::now() - moment);
}

const char* state_of(const Roster& roster, std::size_t service) {
  const Roster::Entry& entry = roster.entries()[service];
  if (!entry.handler) return "disabled";
  if (roster.is_paused(roster.table().services[service]->name)) return "paused";
  const auto& all = entry.listeners;
  return std::find(all.begin(), all.end(), nullptr) == all.end() ? "listening" : "waiting";
}

Json addresses_of(const Roster& roster, std::size_t service) {
  Json list = Json::array();
  const auto& listeners = roster.entries()[service].listeners;
  const auto& listen = roster.table().services[service]->listen;
  for (std::size_t i = 0; i < listen.size(); ++i) {
    const bool is_bound = i < listeners.size() && listeners[i];
    list.push_back(to_text(is_bound ? listeners[i]->address() : listen[i].address));
  }
  return list;
}

Json waiting_of(const Roster& roster, std::size_t service) {
  Json list = Json::array();
  const auto& listeners = roster.entries()[service].listeners;
  const auto& listen = roster.table().services[service]->listen;
  for (std::size_t i = 0; i < listeners.size(); ++i)
    if (!listeners[i]) list.push_back(to_text(listen[i].address));
  return list;
}

Json to_json(const std::vector<ActiveOverride>& overrides) {
  Json list = Json::array();
  for (const ActiveOverride& one : overrides) {
    Json json{{"key", one.key}, {"value", one.value}, {"expires_ms", nullptr}};
    if (one.expires) json["expires_ms"] = std::max(Milliseconds(0), -since(*one.expires)).count();
    list.push_back(std::move(json));
  }
  return list;
}

// Only of a service that keeps some.
void add_warm(Json& json, const Service& service, const WarmPool* pool) {
  const auto* run = std::get_if<RunHandler>(&service.activation);
  if (!run || run->warm.ready == 0) return;
  const WarmCounts counts = pool ? pool->counts() : WarmCounts();
  json["warm"] = {{"wanted", run->warm.ready},
                  {"ready", counts.ready},
                  {"given", counts.given},
                  {"why_not", counts.why_not.empty() ? Json() : Json(counts.why_not)}};
}

const char* phase_of(const Session& session) {
  switch (session.phase) {
    case Session::Phase::waiting:
      return "waiting";
    case Session::Phase::running:
      if (session.is_forwarded) return "forwarding";
      if (session.child && session.child->stopping() != Stop::none) return "stopping";
      return session.says ? to_text(session.says->state) : "running";
    case Session::Phase::lingering:
      return "lingering";
  }
  return "";
}

}  // namespace

nlohmann::ordered_json to_json(const DaemonStatus& status, const Roster& roster,
                               const Runtime& runtime) {
  const OwnUsage usage = own_usage();
  const auto uptime =
      std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now() - status.started);
  const auto& paused = runtime.headroom.paused();
  return {{"version", SUPERD_VERSION},
          {"pid", getpid()},
          {"user", status.user},
          {"started", to_timestamp(status.started)},
          {"uptime_ms", uptime.count()},
          {"state", status.is_draining ? "draining" : "serving"},
          {"table", status.table.empty() ? Json() : Json(status.table)},
          {"generation", roster.table().generation},
          {"running", runtime.headroom.running()},
          {"instances", runtime.headroom.instances()},
          {"paused", paused ? Json(*paused) : Json()},
          {"connections", runtime.connections},
          {"dropped_lines", runtime.reporter.dropped_lines()},
          {"memory", usage.process.resident_memory},
          {"descriptors", usage.open_descriptors}};
}

nlohmann::ordered_json service_to_json(const Roster& roster, std::size_t service,
                                       const Metrics& metrics, const WarmPools& warm) {
  static const ServiceMetrics nothing_yet;
  const Service& is = *roster.table().services[service];
  const ServiceMetrics* const found = metrics.find(is.name);
  const ServiceMetrics& counts = found ? *found : nothing_yet;
  Json refused = Json::object();
  for (const auto& [reason, count] : counts.refusals) refused[reason] = count;
  Json json{
      {"name", is.name},
      {"description", is.description},
      {"addresses", addresses_of(roster, service)},
      {"waiting", waiting_of(roster, service)},
      {"state", state_of(roster, service)},
      {"running", counts.running},
      {"started", counts.started},
      {"failed", total(counts.launch_failures)},
      {"refused", std::move(refused)},
      {"ended", {{"fine", counts.fine}, {"failed", counts.failed}, {"signal", counts.by_signal}}},
      {"last_used", counts.last_used ? Json(to_timestamp(*counts.last_used)) : Json()},
      {"overrides", to_json(roster.overrides().of(is.name))}};
  add_warm(json, is, warm.find(roster.entries()[service].handler));
  return json;
}

nlohmann::ordered_json to_json(const Ban& ban) {
  const auto left = std::max(Milliseconds(0), -since(ban.until));
  return {{"network", to_text(ban.network)},
          {"reason", ban.reason},
          {"by_hand", ban.by_hand},
          {"left_ms", left.count()}};
}

bool is_active(const ServiceMetrics* metrics) { return metrics && metrics->last_used; }

nlohmann::ordered_json to_json(const Session& session) {
  const Run& run = session.run;
  const auto usage = session.child ? usage_of(run.pid) : std::nullopt;
  return {{"connection", run.connection},
          {"service", run.service},
          {"peer", to_text(run.peer)},
          {"pid", run.pid},
          {"state", phase_of(session)},
          {"status", session.says ? Json(session.says->status) : Json()},
          {"age_ms", since(session.since).count()},
          {"cpu_ms", usage ? usage->cpu.count() : 0},
          {"memory", usage ? usage->resident_memory : 0}};
}

}  // namespace superd
