// SPDX-License-Identifier: MIT
// The one place that says no. Every question in a fixed order: ban, address, name, hosts_access,
// hours, load, instances of superd, of the service, of the source, rates. The first no is the
// answer, so what the rules refuse is never counted. Decides with what is handed in, and changes
// nothing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "superd/core/bans.hpp"
#include "superd/core/ledger.hpp"
#include "superd/core/refusal.hpp"
#include "superd/core/service.hpp"

namespace superd {

/// What a peer is called, where reverse and forward DNS agree.
struct PeerName {
  enum class State : std::uint8_t { unasked, unknown, known };  // unknown: asked in vain
  State state = State::unasked;
  std::string text;  // of one that is known
};

/// What hosts.allow and hosts.deny say.
enum class HostsAccess : std::uint8_t { unasked, permits, denies };

/// All that a decision rests on. Refers to what it is made of.
struct Facts {
  const Peer& peer;
  Monotonic now;
  const Ledger& ledger;
  const Bans* bans = nullptr;       // absent: nobody is banned
  std::span<const gid_t> groups{};  // of a UNIX peer besides its own, SO_PEERGROUPS
  PeerName name{};
  HostsAccess hosts_access = HostsAccess::unasked;
  std::optional<LocalTime> local{};  // in the zone of the service's hours; needed where it has any
  std::uint32_t load = 0;  // of the last minute, in hundredths; needed where it is limited
  std::uint32_t most_instances = 0;  // daemon.instances; 0: asked elsewhere
};

/// Absent: the peer may in. A name that is unasked matches nothing, like one that is unknown: see
/// needs_name().
std::optional<Refusal> refuse(const Service& service, const Facts& facts);

/// Whether the answer rests on the peer's name, which is yet unasked: no ban and no network
/// decides, and there are rules that are names. Look it up, and ask refuse() with what came of it.
bool needs_name(const Service& service, const Facts& facts);

/// Whether hosts.allow and hosts.deny must be asked first: the service has a name there, and
/// nothing before them refuses.
bool needs_hosts_access(const Service& service, const Facts& facts);

/// Whether the peer shall wait in the backlog rather than be refused: `when_full: wait`, and what
/// refuses is a number of instances.
bool shall_wait(const Service& service, const Refusal& refusal);

/// Every question and its answer, as it is now.
struct Explanation {
  struct Step {
    Reason reason = Reason::ban;
    bool is_asked = false;           // the table has something to say there
    std::optional<Refusal> refusal;  // absent: nothing against it
  };
  std::string service;
  std::string peer;
  std::vector<Step> steps;         // in order
  std::vector<AppliedRule> rules;  // of access, in the order in which they would decide
  bool needs_name = false;         // names were not asked: rules that are names may say otherwise
  std::string source;              // what limits count the peer by
  Usage usage;
  std::uint32_t all_instances = 0;  // of superd

  /// The first no, and the one after it; null: none.
  const Refusal* verdict() const { return refusal(0); }
  const Refusal* next() const { return refusal(1); }

 private:
  const Refusal* refusal(std::size_t number) const;
};

Explanation explain(const Service& service, const Facts& facts);

/// For people, in lines: the verdict, what would have decided next, the rules, the counts.
std::string to_text(const Explanation& explanation);
/// For machines, a JSON object; the text is in it, too.
std::string to_json(const Explanation& explanation);

}  // namespace superd
