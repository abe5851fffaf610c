// SPDX-License-Identifier: MIT
// The life of one connection: start reading here.
#pragma once

#include <cstdint>
#include <list>
#include <set>

#include "superd/io/client_watch.hpp"
#include "superd/os/socket.hpp"
#include "superd/server/gate.hpp"
#include "superd/server/handler.hpp"
#include "superd/server/headroom.hpp"
#include "superd/server/lookups.hpp"
#include "superd/server/reporter.hpp"
#include "superd/server/resender.hpp"
#include "superd/server/sessions.hpp"
#include "superd/server/supervisor.hpp"
#include "superd/server/warm_pool.hpp"

namespace superd {

class Relays;

/// Somebody who was accepted, and about whom something is being asked.
struct Visitor {
  const Accepted& accepted;
  const Service& service;
};

/// The rooms that a connection passes through; one of each, for all connections.
struct Runtime {
  Loop& loop;
  Reporter& reporter;
  Headroom& headroom;
  Gate& gate;
  Supervisor& supervisor;
  Lookups& lookups;
  Relays& relays;
  Resender& resender;
  WarmPools& warm;
  ClientWatch& clients;
  Sessions& sessions;
  HandlerLogs& logs;
  ReadyNotes& notes;
  TaskDied died;
  std::uint64_t connections = 0;  // so far
  bool is_stopping = false;
  std::list<Visitor> asked_about;  // the oldest first
  std::set<Alarm*> held;  // connections that wait without a handler: rung when superd stops
};

/// An alarm that is also rung when superd stops.
class HeldAlarm {
 public:
  explicit HeldAlarm(Runtime& runtime) : runtime_(runtime), alarm_(runtime.loop) {
    runtime_.held.insert(&alarm_);
  }
  ~HeldAlarm() { runtime_.held.erase(&alarm_); }
  HeldAlarm(const HeldAlarm&) = delete;
  HeldAlarm& operator=(const HeldAlarm&) = delete;

  Alarm& alarm() { return alarm_; }

 private:
  Runtime& runtime_;
  Alarm alarm_;
};

/// Somebody has knocked: turned away at once, or served from now on; where that rests on a name or
/// on hosts.allow, these are asked first.
void receive(Accepted visitor, const HandlerPtr& handler, Runtime& runtime);

/// Launches the program of a session, unless another superd has (server/upgrade), and stays to its
/// end; absent: it could not be launched. Both have been reported.
awaitable<std::optional<Ending>> see_through(Session& session, Runtime& runtime);

/// Asks what the gate doesn't know of a visitor, at most two questions: the name, and hosts.allow;
/// who has to wait then stands in line. No verdict holds when superd stops meanwhile.
awaitable<void> ask_and_judge(const Service& service, const Accepted& visitor,
                              Gate::Verdict& verdict, Runtime& runtime);

/// Asks elsewhere what the gate doesn't know of a peer.
awaitable<void> ask(Gate::Question question, const Service& service, const Peer& peer,
                    Gate::Known& known, Runtime& runtime);

/// Goes on with a connection that another superd began (server/upgrade): from the phase it is in.
awaitable<void> resume(Session session, Runtime& runtime);

}  // namespace superd
