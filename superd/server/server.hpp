// SPDX-License-Identifier: MIT
// The daemon's life: serve, listen to signals and administrators, change, drain, stop.
#pragma once

#include "superd/core/metrics.hpp"
#include "superd/os/signals.hpp"
#include "superd/server/administration.hpp"
#include "superd/server/ban_store.hpp"
#include "superd/server/changes.hpp"
#include "superd/server/control.hpp"
#include "superd/server/feed.hpp"
#include "superd/server/gate.hpp"
#include "superd/server/interface_watch.hpp"
#include "superd/server/late_binding.hpp"
#include "superd/server/list_watch.hpp"
#include "superd/server/readiness.hpp"
#include "superd/server/registrar.hpp"
#include "superd/server/relays.hpp"
#include "superd/server/roster.hpp"
#include "superd/server/session.hpp"
#include "superd/server/upgrade.hpp"

namespace superd {

/// All that a server begins with; what it refers to outlives it.
struct Beginning {
  TableSource source;
  Invocation invocation;
  std::string user;           // who superd runs as
  std::string bans_file;      // where bans are kept; empty: nowhere
  const rlimit& descriptors;  // RLIMIT_NOFILE that superd was started with
  Roster& roster;             // empty; `first` is its first change
  Roster::Prepared first;
  std::optional<ControlSocket> control;
  std::optional<SavedState> saved;  // of the superd that this one replaces
  Reporter& reporter;
};

class Server {
 public:
  explicit Server(Beginning beginning);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Serves until a signal or an administrator has ended it and the last handler is gone. Returns
  /// how many wouldn't go even killed: then leave by _exit, for their connections are still in use
  /// here.
  std::size_t run();

 private:
  void go_on(SavedState saved);
  Life life();
  awaitable<void> follow_signals();
  void obey(const ArrivedSignal& signal);
  void reopen_log();
  awaitable<void> reload();
  awaitable<std::string> upgrade(std::string program, int asked_by);
  awaitable<void> upgrade_unasked();
  void end_sooner();
  awaitable<void> drain();
  awaitable<void> stop_handlers();
  Milliseconds longest_grace() const;
  std::string status_line() const;
  Metrics& current_metrics();
  std::string metrics_text();

  const std::string user_, table_;
  const rlimit& descriptors_;
  WallTime started_ = std::chrono::system_clock::now();
  Reporter& reporter_;
  Roster& roster_;
  const TaskDied died_;
  Daemon settings_;
  Metrics metrics_;
  Feed feed_;
  HandlerLogs logs_;
  Sessions sessions_;  // tasks use it, and end with the loop
  Loop loop_{1};
  Headroom headroom_;
  Gate gate_;
  Supervisor supervisor_;
  Lookups lookups_;
  Relays relays_;
  Resender resender_;
  WarmPools warm_;
  ClientWatch clients_;
  ReadyNotes notes_;
  boost::asio::posix::stream_descriptor signals_;
  Runtime runtime_;
  LateBinding late_binding_;
  Registrar registrar_;
  InterfaceWatch interface_watch_;
  BanStore ban_store_;
  Readiness readiness_;
  Administration administration_;
  Control control_;
  Changes changes_;
  ListWatch list_watch_;
  Upgrade upgrade_;
  int terminations_ = 0;  // TERM or INT, so far
  bool reload_waits_ = false;
};

}  // namespace superd
