// SPDX-License-Identifier: MIT
// The superd-relay of one service, from the first connection to a minute after the last: started
// when it is needed, fed, watched, and ended. When it dies, the connections that it had end with
// it; those that it hadn't been sent get another.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "superd/core/relay_message.hpp"
#include "superd/server/headroom.hpp"
#include "superd/server/lookups.hpp"
#include "superd/server/own_child.hpp"
#include "superd/server/saved_state.hpp"
#include "superd/server/sessions.hpp"

namespace superd {

struct RelayLimits {
  std::size_t waiting = 1024;            // connections that it can't be sent yet
  Milliseconds longest_hold{30'000};     // of one of these
  Milliseconds longest_silence{10'000};  // before it says that it has taken what it was sent
  Milliseconds idle{60'000};             // then it is ended
  Milliseconds first_pause{100};         // before it is started again, twice as long each time
  Milliseconds longest_pause{10'000};
};

/// superd-relay made ready to launch for a service, which its stderr is told to be of; as
/// `identity` or else as superd itself, with as many descriptors as superd may have.
HandlerPtr relay_handler(const std::string& program, std::optional<Identity> identity,
                         const rlimit& descriptors, const std::string& service);

/// What relays have to do with. `handler` makes a superd-relay for a service ready to launch.
struct RelayRooms {
  OwnRooms own;
  Headroom& headroom;
  Sessions& sessions;
  Lookups& lookups;
  std::function<HandlerPtr(const std::string& service)> handler;
  RelayLimits limits = {};
};

class Relay : public std::enable_shared_from_this<Relay> {
 public:
  /// `rooms` outlives it. `over`: it has nothing left, and no program; called from the loop.
  Relay(const RelayRooms& rooms, HandlerPtr served, std::function<void()> over);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// From here to the end of the connection: sent as soon as it can be.
  void take(Session session);
  /// Ends one connection. False: it isn't one of these.
  bool drop(const Session& session, Stop reason);
  /// No program is started any more: what waits for one ends.
  void close();

  /// For the superd that takes this one's place: its program and its connections.
  void save(SavedState& state);
  /// Goes on with what another superd saved.
  void adopt(const SavedState::Relay& saved);
  void adopt(Session session, bool is_sent);
  /// Whether what has happened is known, too.
  bool is_at_rest() const { return !program_ || !program_->is_ending(); }

  const HandlerPtr& served() const { return served_; }

 private:
  struct Held {
    Held(Headroom& headroom, Sessions& sessions, Session session)
        : slot(headroom), member(sessions, std::move(session)) {}

    Headroom::Slot slot;
    Sessions::Member member;
    Stop stop = Stop::none;
    std::optional<Clock::time_point> sent = std::nullopt;
  };
  using HeldConnections = std::map<std::uint64_t, Held>;

  OwnChild::Arrived arrived();
  OwnChild::Ended ended();
  void wake();
  static awaitable<void> tend(std::shared_ptr<Relay> self);
  std::optional<Clock::time_point> act();
  void start_program();
  void send_waiting();
  bool send(Held& held);
  void give_up_old();
  bool is_silent(Clock::time_point now) const;

  std::string hear(const std::string& message);
  static awaitable<void> find_host(std::shared_ptr<Relay> self, std::string name);
  void program_ended(const std::string& why);
  void end(HeldConnections::iterator at, Finished how);
  void end(HeldConnections::iterator at, RelayEnd how, int error = 0);

  const RelayRooms& rooms_;
  HandlerPtr served_;
  std::string plan_;  // the first message to each program
  std::function<void()> over_;
  std::shared_ptr<OwnChild> program_;
  HeldConnections held_;
  std::deque<std::uint64_t> waiting_;  // of these, those not sent yet
  std::uint64_t last_taken_ = 0, last_sent_ = 0;
  Alarm alarm_;
  bool is_tended_ = false, is_closed_ = false, is_full_ = false;
  Clock::time_point last_use_{}, may_start_{};
  Milliseconds pause_{0};
};

using RelayPtr = std::shared_ptr<Relay>;

}  // namespace superd
