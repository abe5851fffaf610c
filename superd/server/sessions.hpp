// SPDX-License-Identifier: MIT
// The connections under way. Whoever wants to see, stop or hand on all of them finds them here.
#pragma once

#include <list>
#include <utility>

#include "superd/server/gate.hpp"
#include "superd/server/supervisor.hpp"

namespace superd {

/// What a program is handed in the place of a connection: listening sockets that stay open as long.
struct HandedSockets {
  std::vector<int> sockets;
  std::string names;  // LISTEN_FDNAMES
  Handoff handoff = Handoff::both;
};

/// One connection: what its task in server/session knows of it.
struct Session {
  enum class Phase : std::uint8_t { waiting, running, lingering };  // waiting: for a process

  Run run;
  HandlerPtr handler;
  UniqueFd socket;  // as long as superd needs it itself
  Clock::time_point since = Clock::now();
  ChildPtr child = {};
  Phase phase = Phase::waiting;
  Gate::Pass pass = {};
  std::shared_ptr<const HandedSockets> handed = {};  // absent: it has a connection
  bool keeps_socket = false;  // superd has it as long: an exchange of datagrams
};

class Sessions {
 public:
  /// A place among the others, as long as this exists.
  class Member {
   public:
    Member(Sessions& sessions, Session session)
        : sessions_(sessions), at_(sessions.all_.insert(sessions.all_.end(), std::move(session))) {}
    ~Member() { sessions_.all_.erase(at_); }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    Session& operator*() const { return *at_; }

   private:
    Sessions& sessions_;
    std::list<Session>::iterator at_;
  };

  /// The oldest first.
  std::list<Session>& all() { return all_; }
  const std::list<Session>& all() const { return all_; }

 private:
  std::list<Session> all_;
};

}  // namespace superd
