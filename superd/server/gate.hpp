// SPDX-License-Identifier: MIT
// Who gets in: asks core/admission with what is true at this moment, counts who is in, keeps the
// bans, and says why somebody was turned away. Decides at once; what must be asked elsewhere first
// (names, hosts.allow) is somebody else's to ask (server/session).
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <unordered_map>

#include "superd/core/admission.hpp"
#include "superd/core/metrics.hpp"
#include "superd/io/task.hpp"
#include "superd/os/socket.hpp"
#include "superd/os/time_zone.hpp"
#include "superd/server/handler.hpp"
#include "superd/server/refusal_notes.hpp"

namespace superd {

class Gate {
  struct Door;

 public:
  Gate(Loop& loop, Reporter& reporter, Metrics& metrics);

  /// Being in: counted as long as this exists.
  class Pass {
   public:
    Pass() = default;
    Pass(Gate& gate, HandlerPtr handler, SourceId source)
        : gate_(&gate), handler_(std::move(handler)), source_(std::move(source)) {}
    Pass(Pass&& other) noexcept
        : gate_(std::exchange(other.gate_, nullptr)),
          handler_(std::move(other.handler_)),
          source_(std::move(other.source_)) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (gate_) gate_->left(*this);
    }

   private:
    friend class Gate;
    Gate* gate_ = nullptr;
    HandlerPtr handler_;
    SourceId source_;
  };

  /// What has been asked about a peer elsewhere (server/lookups).
  struct Known {
    std::optional<std::vector<std::string>> names;  // absent: not asked; none: it has none
    HostsAccess hosts_access = HostsAccess::unasked;
  };
  enum class Question : std::uint8_t { none, name, hosts_access };
  struct Verdict {
    Question question = Question::none;  // still to be asked before anybody can decide
    std::optional<Refusal> refusal;      // neither: the visitor may in
  };
  /// A visitor who may in counts from let_in() on. `socket`: where a UNIX peer's groups are found.
  Verdict judge(const Service& service, const Peer& peer, int socket, const Known& known);
  Pass let_in(const HandlerPtr& handler, const Peer& peer);
  /// Somebody who is in already: after an upgrade.
  Pass resume(const HandlerPtr& handler, const Peer& peer);
  /// Says so to the visitor, as the service wishes, and counts it.
  void turn_away(const Service& service, Accepted visitor, const Refusal& refusal);
  /// Counts a refusal, and tells the log as often as is good for it.
  void refused(const Service& service, const Peer& peer, const Refusal& refusal);

  /// Whether somebody may knock at all. No: the service lets its visitors wait while it is full, or
  /// is closed for a while since too many came.
  bool is_open(const Service& service);
  /// Calls `resume` when it may be open again, once, first come first served.
  void when_open(const Service& service, std::function<void()> resume);
  /// Calls everybody who waits: limits may have changed.
  void look_again();

  /// In the line before a service that lets its visitors wait: of those who had to be asked about
  /// first, and whose answer came when it was full.
  class Place {
   public:
    Place(Gate& gate, Door& door, Alarm& called);
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place();

   private:
    Gate& gate_;
    Door& door_;
    std::list<Alarm*>::iterator at_;
  };
  /// `called` is rung when it is one's turn to be judged again. Null: the line is at its longest.
  std::unique_ptr<Place> stand_in_line(const Service& service, Alarm& called);
  bool has_line(const Service& service) const;

  /// Services that are closed for a while; for the next superd, which closes them again.
  std::map<std::string, Clock::time_point> closed_doors() const;
  void keep_closed(const std::map<std::string, Clock::time_point>& doors);

  Bans& bans() { return bans_; }
  Ledger& ledger() { return ledger_; }
  /// Bans have changed: told to whoever keeps them on disk.
  void tell_of_bans(std::function<void()> changed) { bans_changed_ = std::move(changed); }
  /// `service`: whose trap it was; empty: an administrator's ban. Errors: too many, all by hand.
  Result<void> ban(Ban ban, const std::string& service = {});
  bool unban(const Network& network);

  /// As refuse() would see a visitor, and why: for superctl explain.
  Explanation explain_visit(const Service& service, const Peer& peer, const Known& known,
                            const std::optional<LocalTime>& at);

 private:
  /// A service that makes visitors wait.
  struct Door {
    std::deque<std::function<void()>> waiting;
    std::list<Alarm*> line;
    Clock::time_point closed_until{};
    std::unique_ptr<boost::asio::steady_timer> timer;
  };

  Facts facts_for(const Service& service, const Peer& peer, std::span<const gid_t> groups,
                  const Known& known);
  static std::optional<Refusal> refuse_by_names(const Service& service, Facts facts,
                                                const std::vector<std::string>& names);
  std::optional<LocalTime> time_in(const std::string& zone);
  void left(Pass& pass);
  void close_door(const Service& service);
  void watch_end_of_pause(Door& door);
  void call_all(Door& door);
  void call_next(Door& door);
  void spring_trap(const Service& service, const Peer& peer);

  Loop& loop_;
  Reporter& reporter_;
  Metrics& metrics_;
  Ledger ledger_;
  Bans bans_;
  RefusalNotes notes_;
  std::unordered_map<std::string, Door> doors_;
  std::unordered_map<std::string, TimeZone> zones_;  // by name, as they were asked for
  std::function<void()> bans_changed_;
};

}  // namespace superd
