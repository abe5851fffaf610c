// SPDX-License-Identifier: MIT
// The relays of all services that need one: a service has one as it is now, and those of how it was
// before a reload go on with the connections that they have.
#pragma once

#include <unordered_map>

#include "superd/server/relay.hpp"
#include "superd/server/roster.hpp"

namespace superd {

class Relays {
 public:
  using MakeHandler = std::function<HandlerPtr(const std::string& service)>;

  explicit Relays(RelayRooms rooms) : rooms_(std::move(rooms)) {}
  Relays(const Relays&) = delete;
  Relays& operator=(const Relays&) = delete;

  /// Somebody who may in, from here to the end: by the relay of the session's handler.
  void serve(Session session);
  /// Ends one connection. False: it is none of a relay's.
  bool stop(const Session& session, Stop reason);
  /// Another program or user, for the relays that are started from now on.
  void use(MakeHandler make);
  /// superd is about to end: nothing new begins. Before all children are stopped.
  void close();

  bool is_at_rest() const;
  void save(SavedState& state) const;
  /// Goes on with what another superd saved; a service that is the same keeps its relay.
  void go_on_with(SavedState& state, const Roster& roster, const rlimit& descriptors, Gate& gate);

 private:
  RelayPtr relay_of(const HandlerPtr& handler);

  RelayRooms rooms_;
  std::unordered_map<const Handler*, RelayPtr> all_;
  std::vector<RelayPtr> former_;  // of another program or user
};

/// Whether its connections go to a relay.
bool needs_relay(const Service& service);

}  // namespace superd
