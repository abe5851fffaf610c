// SPDX-License-Identifier: MIT
// Events as JSON, for machines: flat members, numbers as numbers, milliseconds and bytes.
#include <sys/wait.h>

#include <nlohmann/json.hpp>

#include "superd/base/overloaded.hpp"
#include "superd/base/result.hpp"
#include "superd/core/event.hpp"

namespace superd {
namespace {

using Json = nlohmann::ordered_json;

void add_peer(Json& json, const Peer& peer) {
  std::visit(Overloaded{[&](const InetPeer& inet) {
                          json["peer_address"] = to_text(inet.remote.address);
                          json["peer_port"] = inet.remote.port;
                        },
                        [&](const UnixPeer& local) {
                          json["peer_uid"] = local.uid;
                          json["peer_gid"] = local.gid;
                          json["peer_pid"] = local.pid;
                        },
                        [&](const VsockPeer& vsock) {
                          json["peer_cid"] = vsock.cid;
                          json["peer_port"] = vsock.port;
                        },
                        [&](const UnseenPeer&) {}},
             peer);
}

Json run_to_json(const char* event, const Run& run) {
  Json json{{"event", event}, {"service", run.service}, {"connection", run.connection}};
  if (run.pid != 0) json["pid"] = run.pid;
  add_peer(json, run.peer);
  return json;
}

Json refused_to_json(const Refused& e) {
  Json json{{"event", "refused"}, {"service", e.service}};
  add_peer(json, e.peer);
  json["reason"] = name_of(e.refusal.reason);
  json["rule"] = e.refusal.rule;
  if (e.refusal.place.line > 0) json["place"] = to_text(e.refusal.place);
  return json;
}

Json banned_to_json(const Banned& e) {
  Json json{{"event", "banned"}};
  if (!e.service.empty()) json["service"] = e.service;
  json["network"] = to_text(e.network);
  json["reason"] = e.reason;
  json["lasts_ms"] = e.lasts.count();
  return json;
}

Json ended_to_json(const Ended& ended) {
  Json json = run_to_json("ended", ended.run);
  const Exit& exit = ended.exit;
  if (WIFSIGNALED(exit.status))
    json["signal"] = signal_name(WTERMSIG(exit.status));
  else
    json["exit"] = WEXITSTATUS(exit.status);
  json["duration_ms"] = exit.duration.count();
  json["cpu_ms"] = exit.cpu.count();
  json[exit.peak_is_bound ? "peak_memory_at_most" : "peak_memory"] = exit.peak_memory;
  if (exit.stop != Stop::none) json["stopped"] = name_of(exit.stop);
  return json;
}

Json forwarded_to_json(const ForwardEnded& e) {
  Json json = run_to_json("forwarded", e.run);
  if (!e.how.upstream.empty()) json["upstream"] = e.how.upstream;
  json["end"] = name_of(e.how.end);
  if (e.how.error != 0) json["error"] = errno_text(e.how.error);
  json["bytes_in"] = e.how.bytes_in;
  json["bytes_out"] = e.how.bytes_out;
  json["duration_ms"] = e.duration.count();
  if (e.stop != Stop::none) json["stopped"] = name_of(e.stop);
  return json;
}

Json failed_to_json(const LaunchFailed& failed) {
  Json json = run_to_json("launch_failed", failed.run);
  json["step"] = failed.step;
  json["error"] = errno_text(failed.error);
  return json;
}

Json overridden_to_json(const Overridden& e) {
  Json json{{"event", "overridden"}, {"service", e.service}, {"key", e.key}};
  if (e.value) json["value"] = *e.value;
  if (e.lasts) json["lasts_ms"] = e.lasts->count();
  return json;
}

Json to_object(const Event& event) {
  return std::visit(
      Overloaded{
          [](const Listening& e) {
            return Json{{"event", "listening"}, {"service", e.service}, {"address", e.address}};
          },
          [](const StoppedListening& e) {
            return Json{
                {"event", "stopped_listening"}, {"service", e.service}, {"address", e.address}};
          },
          [](const Started& e) { return run_to_json("started", e.run); },
          [](const Ended& e) { return ended_to_json(e); },
          [](const ForwardEnded& e) { return forwarded_to_json(e); },
          [](const LaunchFailed& e) { return failed_to_json(e); },
          [](const Refused& e) { return refused_to_json(e); },
          [](const RefusedMore& e) {
            return Json{{"event", "refused_more"},
                        {"service", e.service},
                        {"source", e.source},
                        {"reason", name_of(e.reason)},
                        {"count", e.count}};
          },
          [](const Banned& e) { return banned_to_json(e); },
          [](const Unbanned& e) {
            return Json{
                {"event", "unbanned"}, {"network", to_text(e.network)}, {"by_hand", e.by_hand}};
          },
          [](const StderrLine& e) {
            Json json{{"event", "stderr"}, {"service", e.service}, {"text", e.text}};
            if (e.cut) json["cut"] = true;
            return json;
          },
          [](const Paused& e) {
            return Json{{"event", "paused"}, {"reason", e.reason}};
          },
          [](const Resumed& e) {
            return Json{{"event", "resumed"}, {"after_ms", e.after.count()}};
          },
          [](const LinesDropped& e) {
            return Json{{"event", "lines_dropped"}, {"count", e.count}};
          },
          [](const Ready& e) {
            return Json{{"event", "ready"}, {"services", e.services}, {"listeners", e.listeners}};
          },
          [](const Reloaded& e) {
            return Json{{"event", "reloaded"},  {"generation", e.generation}, {"opened", e.opened},
                        {"kept", e.kept},       {"closed", e.closed},         {"added", e.added},
                        {"removed", e.removed}, {"changed", e.changed}};
          },
          [](const ReloadRefused& e) {
            return Json{{"event", "reload_refused"}, {"errors", e.errors}};
          },
          [](const ServicePaused& e) {
            return Json{{"event", "service_paused"}, {"service", e.service}};
          },
          [](const ServiceResumed& e) {
            return Json{{"event", "service_resumed"}, {"service", e.service}};
          },
          [](const Overridden& e) { return overridden_to_json(e); },
          [](const Upgraded& e) {
            return Json{{"event", "upgraded"}, {"from", e.from}, {"to", e.to}};
          },
          [](const UpgradeRefused& e) {
            return Json{{"event", "upgrade_refused"}, {"reason", e.reason}};
          },
          [](const Draining& e) {
            return Json{
                {"event", "draining"}, {"running", e.running}, {"deadline_ms", e.deadline.count()}};
          },
          [](const Stopped&) {
            return Json::object({{"event", "stopped"}});
          },
          [](const Notice& e) {
            Json json{{"event", "notice"}, {"text", e.text}};
            if (!e.service.empty()) json["service"] = e.service;
            return json;
          }},
      event);
}

}  // namespace

std::string to_json(const Event& event) {
  // The line stays JSON, and harmless on a terminal, whatever a handler wrote: bytes that aren't
  // UTF-8 become U+FFFD, and all beyond ASCII is written as \uXXXX.
  const std::string object = to_object(event).dump(-1, ' ', true, Json::error_handler_t::replace);
  return object.substr(1);
}

}  // namespace superd
