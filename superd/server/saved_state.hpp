// SPDX-License-Identifier: MIT
// What one superd leaves to the next that takes its place by exec: a value, and its JSON. The
// numbers of descriptors are good in the process they were saved in, and stay so through exec.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "superd/core/event.hpp"
#include "superd/core/metrics.hpp"
#include "superd/core/rpc.hpp"
#include "superd/io/task.hpp"
#include "superd/server/overrides.hpp"
#include "superd/server/sessions.hpp"

namespace superd {

struct SavedState {
  struct Listener {
    int socket = -1;
    std::string service;
  };
  struct Log {
    std::string service;
    int read_end = -1, write_end = -1;  // -1: no handler will get it any more
  };
  /// A service as connections under way have it: the rules for their rest.
  struct Rules {
    std::string service;
    std::optional<Milliseconds> timeout;
    int stop_signal = 0;
    Milliseconds stop_grace{0}, linger{0};
    ClientGone on_client_gone = ClientGone::ignore;
    std::optional<std::size_t> log;  // position in `logs`
  };
  struct Connection {
    std::size_t rules = 0;  // position in `rules`
    Run run;
    int socket = -1;
    bool has_listeners = false;  // it was handed the service's own
    Session::Phase phase = Session::Phase::running;
    Clock::time_point since, launched;
    Stop stop = Stop::none;
  };

  /// Somebody about whom something was being asked: that begins anew.
  struct Visitor {
    std::string service;
    int socket = -1;
    Peer peer;
    Clock::time_point since;
  };

  std::string version;
  rlimit descriptors{};  // what superd was started with first
  std::uint64_t generation = 0, connections_so_far = 0;
  WallTime started;
  std::vector<Listener> listeners;
  std::vector<Log> logs;
  std::vector<Rules> rules;
  std::vector<Connection> connections;
  std::vector<Visitor> visitors;
  int control = -1;
  std::string control_path;
  int asked_by = -1;  // the control client that waits for the upgrade
  std::vector<int> fresh_clients, unanswered_clients;
  Overrides overrides;
  std::set<std::string> paused;
  std::string metrics;         // Metrics::save()
  std::string bans;            // Bans::save()
  bool bans_are_kept = false;  // on disk, too
  std::string rates;           // Ledger::save(); empty: of a superd that didn't say
  std::map<std::string, Clock::time_point> closed_doors;  // by service, until when
  std::vector<RpcRegistration> registrations;             // that rpcbind may have
};

std::string to_json(const SavedState& state);

/// Errors: it is no state, or of a format that this version doesn't know. Unknown members are
/// passed over: a newer superd may go back to an older one as long as the format stays.
Result<SavedState> parse_saved_state(std::string_view json);

/// All descriptors that must live on.
std::vector<int> descriptors_of(const SavedState& state);

}  // namespace superd
