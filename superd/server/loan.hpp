// SPDX-License-Identifier: MIT
// The sockets of a service while programs have them: nobody else watches them as long as this
// exists, and then superd does again.
#pragma once

#include <optional>
#include <vector>

#include "superd/core/next_program.hpp"
#include "superd/server/listener.hpp"

namespace superd {

class Loan {
 public:
  /// A program that has them.
  struct Program {
    Session* session;
    Clock::time_point idle_since = Clock::now();
  };
  /// For who looks after programs meanwhile: rung when something may have to be done, and when the
  /// sockets are given back. They outlive the loan.
  struct Bells {
    explicit Bells(Loop& loop) : more(loop), end(loop) {}
    Alarm more;  // programs
    Alarm end;
  };

  Loan(const std::vector<std::weak_ptr<Listener>>& sockets, const Service& service,
       Runtime& runtime);
  ~Loan();
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

  const std::vector<ListenerPtr>& sockets() const { return sockets_; }
  bool has(const Listener& socket) const;
  /// For a launch: they block, as programs expect it.
  std::shared_ptr<const HandedSockets> handed(Handoff handoff, std::string notify) const;

  std::vector<Program*> programs;
  bool is_looked_after = false;
  /// Programs that took nothing, and whose pause isn't over.
  unsigned resting = 0;
  const std::shared_ptr<Bells>& bells() const { return bells_; }

  /// Who waits, at all of them.
  WhoWaits who_waits() const;
  /// One at which somebody waits; null: none.
  ListenerPtr knocked_at() const;
  /// Rings for more programs once when somebody waits. Where the kernel can't watch, never.
  void ring_at_knock();
  /// Whether nobody is connected. Absent: the kernel doesn't tell.
  std::optional<bool> is_idle() const;

 private:
  Runtime& runtime_;
  std::string names_;  // for LISTEN_FDNAMES
  std::vector<ListenerPtr> sockets_;
  std::vector<ClientWatch::Guard> knocks_;  // none before ring_at_knock()
  std::shared_ptr<Bells> bells_;
};

/// Who waits at `socket`. None: nobody, or the kernel doesn't tell.
WhoWaits who_waits_at(Listener& socket);

}  // namespace superd
