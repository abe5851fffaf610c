// SPDX-License-Identifier: MIT
// What superd may only learn by waiting: names of addresses, and libwrap's verdicts. An
// unprivileged child asks (server/own_child), started for the first question and ended when
// there was none for a minute. Nothing blocks, nobody waits longer than the deadline, and no
// network of strangers gets more than its part: docs/decisions/0014.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "superd/core/lookup_message.hpp"
#include "superd/core/name_cache.hpp"
#include "superd/server/own_child.hpp"

namespace superd {

/// The names that an address really has, in lower case; none is an answer, too. Absent: there is no
/// answer, and no rule may be taken to match.
using NameAnswer = std::optional<std::vector<std::string>>;
/// Absent: there is no answer.
using HostsAccessAnswer = std::optional<HostsVerdict>;

struct LookupLimits {
  std::size_t at_once = 16;          // questions that are being looked up
  std::size_t at_once_of_one = 4;    // of one network: an IPv4 /24, an IPv6 /64, a UNIX user
  std::size_t waiting = 1024;        // who wait for an answer
  std::size_t waiting_of_one = 256;  // of one network
  Milliseconds longest_wait{5000};
  Milliseconds longest_silence{8000};  // superd-lookup itself answers within 5 s, whatever happens
  Milliseconds idle{60'000};           // then superd-lookup is ended
  Milliseconds first_pause{100};       // before it is started again, twice as long each time
  Milliseconds longest_pause{10'000};
};

/// Since the start.
struct LookupCounts {
  std::uint64_t asked = 0;       // by connections
  std::uint64_t known = 0;       // of these: answered from the cache
  std::uint64_t refused = 0;     // of these: too many waited already
  std::uint64_t unanswered = 0;  // of these: no answer in time, or the resolver had none
  std::uint64_t looked_up = 0;   // what superd-lookup was asked
};

/// superd-lookup made ready to launch, as own_handler().
HandlerPtr lookup_handler(const std::string& program, std::optional<Identity> identity,
                          const rlimit& descriptors);

class Lookups {
 public:
  /// `handler`: lookup_handler().
  Lookups(const OwnRooms& rooms, HandlerPtr handler, const LookupLimits& limits = {});
  Lookups(const Lookups&) = delete;
  Lookups& operator=(const Lookups&) = delete;

  awaitable<NameAnswer> names_of(IpAddress address);
  /// `name`: is_hosts_access_name().
  awaitable<HostsAccessAnswer> hosts_access(std::string name, Peer peer);

  /// Another program or user from the next question on.
  void use(HandlerPtr handler);
  /// No answers any more, to whoever waits and whoever asks: superd is about to end. Before all
  /// children are stopped.
  void close();

  const LookupCounts& counts() const { return counts_; }
  bool is_running() const { return child_ != nullptr; }

 private:
  struct Question;
  using QuestionPtr = std::shared_ptr<Question>;
  struct Part {
    std::size_t waiting = 0, at_once = 0;
  };

  awaitable<LookupOutcome> outcome_of(LookupQuestion asked);
  QuestionPtr enter(LookupQuestion asked);
  void leave(const QuestionPtr& question, const Alarm& alarm);
  void settle(const QuestionPtr& question, LookupOutcome outcome);
  void give_back(const std::string& network);

  void wake();
  awaitable<void> tend();
  std::optional<Clock::time_point> act();
  void send_what_may_go();
  void start_child();
  std::string take(const std::string& message);
  void child_ended(const std::string& why);

  OwnRooms rooms_;
  HandlerPtr handler_;
  LookupLimits limits_;
  LookupCounts counts_;
  NameCache cache_;
  std::shared_ptr<OwnChild> child_;
  std::map<std::string, QuestionPtr> open_;    // by their text, until they are settled
  std::list<QuestionPtr> queue_;               // of these, those not sent yet
  std::map<std::uint64_t, QuestionPtr> sent_;  // the others; the oldest first
  std::map<std::string, Part> networks_;       // that have a part in any of it
  std::size_t waiting_ = 0;
  std::uint64_t last_id_ = 0;
  Alarm alarm_;
  bool is_tended_ = false, is_closed_ = false, is_failure_said_ = false;
  Clock::time_point last_use_{}, may_start_{};
  Milliseconds pause_{0};
};

}  // namespace superd
