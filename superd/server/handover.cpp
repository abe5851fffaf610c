// SPDX-License-Identifier: MIT
// Taking stock, and going on.
#include "superd/server/handover.hpp"

#include <algorithm>
#include <cerrno>
#include <unordered_map>

#include "superd/os/inherited_sockets.hpp"
#include "superd/server/relays.hpp"

namespace superd {
namespace {

bool is_exchange(const Peer& peer) {
  const auto* inet = std::get_if<InetPeer>(&peer);
  return inet && inet->transport == Transport::udp;
}

// Collects what connections refer to, each once.
class Stock {
 public:
  explicit Stock(SavedState& state) : state_(state) {}

  void add(HandlerLog& log) {
    logs_.emplace(&log, state_.logs.size());
    state_.logs.push_back({log.service(), log.read_end(), log.write_end()});
  }

  void add(const Session& session) {
    SavedState::Connection saved;
    saved.rules = rules_of(*session.handler);
    saved.run = session.run;
    saved.socket = session.socket.get();
    saved.has_listeners = session.handed != nullptr;
    saved.phase = session.phase;
    saved.since = session.since;
    saved.launched = session.child ? session.child->started() : session.since;
    saved.stop = session.child ? session.child->stopping() : Stop::none;
    if (session.says) saved.says = *session.says;
    state_.connections.push_back(std::move(saved));
  }

 private:
  std::size_t rules_of(const Handler& handler) {
    const auto [found, is_new] = rules_.emplace(&handler, state_.rules.size());
    if (!is_new) return found->second;
    const Process& process = *handler.process();
    SavedState::Rules rules{
        handler.service().name, process.timeout,        process.stop_signal, process.stop_grace,
        process.linger,         process.on_client_gone, std::nullopt};
    if (const auto log = logs_.find(handler.log()); log != logs_.end()) rules.log = log->second;
    state_.rules.push_back(std::move(rules));
    return found->second;
  }

  SavedState& state_;
  std::unordered_map<const HandlerLog*, std::size_t> logs_;
  std::unordered_map<const Handler*, std::size_t> rules_;
};

// A service of which only the rules for what is under way are known: it launches nothing.
HandlerPtr handler_from(const SavedState::Rules& rules, const Roster& roster,
                        const rlimit& descriptors) {
  Process process;
  process.timeout = rules.timeout;
  process.stop_signal = rules.stop_signal;
  process.stop_grace = rules.stop_grace;
  process.linger = rules.linger;
  process.on_client_gone = rules.on_client_gone;
  auto service = std::make_shared<Service>();
  service->name = rules.service;
  service->process = std::move(process);
  if (const HandlerPtr now = roster.handler(rules.service)) service->terms = now->service().terms;
  return std::make_shared<Handler>(std::move(service), descriptors);
}

std::shared_ptr<HandlerLog> log_from(const SavedState::Log& saved, Runtime& runtime) {
  LogPipe pipe{UniqueFd(saved.read_end), UniqueFd(saved.write_end)};
  auto log = std::make_shared<HandlerLog>(runtime.loop, runtime.reporter, runtime.logs,
                                          saved.service, std::move(pipe));
  spawn(runtime.loop, "follow a handler's stderr", HandlerLog::follow(log), runtime.died);
  return log;
}

Session session_from(SavedState::Connection& saved, const HandlerPtr& handler, Runtime& runtime) {
  auto pass = runtime.gate.resume(handler, saved.run.peer);
  Session session{std::move(saved.run), handler,        UniqueFd(saved.socket), saved.since, {},
                  saved.phase,          std::move(pass)};
  session.keeps_socket = !saved.has_listeners && is_exchange(session.run.peer);
  if (saved.phase == Session::Phase::running)
    session.child = runtime.supervisor.adopt(session.run.pid, handler, saved.launched, saved.stop);
  if (saved.says) session.says = std::make_shared<Announcement>(std::move(*saved.says));
  return session;
}

}  // namespace

bool is_at_rest(const Runtime& runtime) {
  if (runtime.warm.is_handing_over()) return false;
  if (!runtime.resender.is_idle()) return false;
  const auto& sessions = runtime.sessions.all();
  const bool is_known = std::none_of(sessions.begin(), sessions.end(), [](const Session& session) {
    return session.child && session.child->has_ended();
  });
  return is_known && runtime.relays.is_at_rest();
}

SavedState take_stock(const Roster& roster, const Control& control, const Runtime& runtime) {
  SavedState state;
  Stock stock(state);
  for (HandlerLog* log : runtime.logs) stock.add(*log);
  for (const Session& session : runtime.sessions.all())
    if (!session.is_forwarded) stock.add(session);
  runtime.relays.save(state);
  for (const auto& [accepted, service] : runtime.asked_about)
    state.visitors.push_back({service.name, accepted.socket.get(), accepted.peer, accepted.time});
  const ServiceTable& table = roster.table();
  for (std::size_t i = 0; i < table.services.size(); ++i)
    for (const ListenerPtr& listener : roster.entries()[i].listeners)
      if (listener) state.listeners.push_back({listener->socket(), table.services[i]->name});
  state.notes = runtime.notes.socket();
  state.control = control.listener();
  state.control_path = control.at();
  const auto [fresh, unanswered] = control.waiting();
  state.fresh_clients = fresh;
  state.unanswered_clients = unanswered;
  state.generation = table.generation;
  state.connections_so_far = runtime.connections;
  state.overrides = roster.overrides();
  state.paused = roster.paused();
  return state;
}

std::vector<Inherited> inherited_listeners(SavedState& state) {
  std::vector<Inherited> all;
  for (const SavedState::Listener& one : state.listeners) {
    UniqueFd socket(one.socket);
    auto address = bound_address_of(socket.get());
    if (address) all.push_back({std::move(socket), *address, one.service});
  }
  state.listeners.clear();
  return all;
}

void go_on_with(SavedState& state, const Roster& roster, const rlimit& descriptors,
                Runtime& runtime) {
  runtime.connections = state.connections_so_far;
  if (state.notes >= 0) runtime.notes.go_on_with(UniqueFd(state.notes));
  std::vector<std::shared_ptr<HandlerLog>> logs;
  for (const SavedState::Log& log : state.logs) logs.push_back(log_from(log, runtime));
  std::vector<HandlerPtr> handlers;
  for (const SavedState::Rules& rules : state.rules) {
    handlers.push_back(handler_from(rules, roster, descriptors));
    if (rules.log) handlers.back()->use_log(logs.at(*rules.log));
  }
  for (SavedState::Connection& connection : state.connections) {
    const bool is_waiting = connection.phase == Session::Phase::waiting;
    if (connection.has_listeners && is_waiting) continue;  // who knocked is still there
    HandlerPtr handler = handlers.at(connection.rules);
    if (is_waiting) handler = roster.handler(connection.run.service);
    const bool is_doormans = connection.has_listeners || is_exchange(connection.run.peer);
    const auto doorman = is_doormans ? roster.doorman(connection.run.service) : nullptr;
    Session session = session_from(connection, handler, runtime);
    if (session.handler && doorman)
      doorman->adopt(std::move(session));
    else if (session.handler)
      spawn(runtime.loop, "serve a connection", resume(std::move(session), runtime), runtime.died);
    else
      runtime.reporter.report(LaunchFailed{session.run, "upgrade", ESRCH});
  }
  runtime.relays.go_on_with(state, roster, descriptors, runtime.gate);
  for (SavedState::Visitor& visitor : state.visitors) {
    Accepted accepted{UniqueFd(visitor.socket), std::move(visitor.peer), visitor.since};
    const HandlerPtr handler = roster.handler(visitor.service);
    const DoormanPtr doorman =
        is_exchange(accepted.peer) ? roster.doorman(visitor.service) : nullptr;
    if (doorman)
      doorman->adopt(std::move(accepted));
    else if (handler)
      receive(std::move(accepted), handler, runtime);
  }
  // No new handler gets an old pipe: each ends with the last who holds it.
  for (const auto& log : logs) log->retire();
}

}  // namespace superd
