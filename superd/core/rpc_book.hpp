// SPDX-License-Identifier: MIT
// What rpcbind is to have of this superd, what it has as far as is known, and what that means to
// people. Decides and never acts: superd-rpc does what tasks() says, take() learns how that went.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "superd/core/event.hpp"
#include "superd/core/rpc_message.hpp"

namespace superd {

class RpcBook {
 public:
  struct Wish {
    std::string address;
    std::string service;
  };
  using Wishes = std::map<RpcKey, Wish>;

  void want(Wishes wishes) { wishes_ = std::move(wishes); }
  /// Registrations that rpcbind may have of an earlier life.
  void hold(const std::vector<RpcRegistration>& registrations);
  /// All that it may have of ours.
  std::vector<RpcRegistration> held() const { return {held_.begin(), held_.end()}; }
  bool is_blank() const { return wishes_.empty() && held_.empty(); }

  /// All that is wished, even what should be there already; before that, what is to go.
  std::vector<RpcTask> tasks() const;
  /// rpcbind is being asked for them: it has what is wished, as far as is known from now on.
  void begin(const std::vector<RpcTask>& tasks);
  /// How `tasks` went, one outcome for each. What is new to say of it.
  std::vector<Notice> take(const std::vector<RpcTask>& tasks,
                           const std::vector<RpcOutcome>& outcomes);
  /// Whether others have, or rpcbind refuses, any of what is wished.
  bool has_faults() const { return !faults_.empty(); }
  /// rpcbind is another, or was away: how things stand is news again.
  void forget_what_was_said() { said_.clear(); }

 private:
  void note(const RpcTask& task, const RpcOutcome& outcome);
  std::vector<Notice> news();

  Wishes wishes_;
  std::set<RpcRegistration> held_;
  std::map<std::string, Notice> said_;    // by service: the last there was
  std::map<RpcKey, std::string> faults_;  // of wishes; none: it is registered
};

}  // namespace superd
