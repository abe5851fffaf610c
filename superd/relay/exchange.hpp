// SPDX-License-Identifier: MIT
// The relay's loop: takes connections from superd, finds an upstream for each, moves bytes both
// ways, and reports how it ended. One thread, which never waits but for all of them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "superd/relay/line.hpp"
#include "superd/relay/superd_link.hpp"

namespace superd {

class Exchange {
 public:
  /// `socket`: the conversation with superd; `signals`: signal_descriptor(). Both outlive it.
  Exchange(int socket, int signals);

  /// Until superd has it end, or is gone and so are the last connections. Errors: superd can't be
  /// understood, or there is no epoll.
  Result<void> run();

 private:
  using Clock = Deadlines::Clock;

  /// A host's addresses are on their way.
  struct Asked {
    Clock::time_point time;
    std::vector<std::uint64_t> lines;
  };

  Result<void> turn();
  int longest_wait() const;
  void see(std::uint64_t whom, std::uint32_t events);
  void look_at_signals();

  Result<void> take_orders();
  Result<void> obey(SuperdLink::Order order);
  void take(const Take& take, UniqueFd socket);
  void found(const HostFound& host);

  void dial(Line& line);
  bool ask_for_host(Line& line, const NamedHost& host);
  bool try_upstream(Line& line, const Upstream& upstream);
  void dialed(Line& line);
  void connected(Line& line);

  void work(Line& line);
  void follow(Line& line, Flow& flow, RelayEnd at_source, RelayEnd at_sink);
  void look_at(Line& line, Clock::time_point time);
  void look_again(Line& line);
  void finish(Line& line, RelayEnd end, int error);
  void end_all();
  void tell_what_is_left();
  bool watch(Line& line, End& end);

  SuperdLink superd_;
  int signals_;
  UniqueFd epoll_;
  std::optional<ForwardRules> rules_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Line>> lines_;
  std::vector<std::unique_ptr<Line>> over_;
  std::vector<Line*> due_;
  std::map<std::string, Asked> hosts_;
  Deadlines deadlines_;
  Workspace space_;
  Clock::time_point now_{};
  std::uint64_t last_taken_ = 0;
  bool waits_to_report_ = false, is_stopped_ = false;  // the former: epoll tells of room
};

}  // namespace superd
