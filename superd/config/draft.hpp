// SPDX-License-Identifier: MIT
// A service as read so far: what its keys say, before they are checked together. A draft begins as
// a copy of its defaults, and each key replaces all that the default said.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "superd/config/reader.hpp"
#include "superd/core/host.hpp"
#include "superd/core/service.hpp"

namespace superd {

struct Groups {
  bool own = true;             // those of the user
  std::vector<gid_t> further;  // and these
};

/// Who the handler shall run as, as far as written.
struct WantedIdentity {
  std::optional<Account> user;
  std::optional<gid_t> group;
  Groups groups;
  bool is_faulty = false;  // something about it was reported: nothing follows from what is missing
};

struct Draft {
  std::string name;
  Place place;
  std::string description;
  bool enabled = true;
  std::optional<std::vector<Listen>> listen;  // absent: no such key; empty: its value was faulty
  std::optional<CommandLine> run, activate;   // absent: no such verb; no program: it was faulty
  std::optional<ForwardRules> forward;        // absent: no such verb; nothing in `to`: faulty
  Place verb_place;
  Handoff handoff = Handoff::both;
  std::optional<Milliseconds> stop_after;
  Warmth warm;
  std::optional<RpcProgram> rpc;
  ReadyWhen ready = ReadyWhen::exec;
  std::optional<Milliseconds> start_timeout;
  Process process;
  Terms terms;
  WantedIdentity identity;
  std::vector<std::pair<std::string, std::string>> passed;  // pass_environment
  std::vector<Origin> origins;                              // as in a service
};

/// Puts `origin` into `origins`, which are in the order of keys, in the place of one of its key.
void set_origin(std::vector<Origin>& origins, const Origin& origin);

/// What services of a table have in common; a thousand of them have one Process.
struct Commons {
  Pool<Process> processes;
  Pool<Terms> terms;
  Pool<SocketOptions> options;
};

/// The service that a complete draft describes, in as little memory as it can be.
Service service_of(Draft draft, Commons& commons);

/// The draft that `service` could have come from: whatever is resolved is written out. Names that
/// were passed on are among the others.
Draft draft_of(const Service& service);

}  // namespace superd
