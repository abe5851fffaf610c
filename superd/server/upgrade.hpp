// SPDX-License-Identifier: MIT
// Upgrade in place: another superd takes over this process by exec, with its pid, children, sockets
// and connections. First the new one proves in a child that it can read this one's state and table;
// whatever is wrong with it, this superd serves on.
#pragma once

#include <string>
#include <vector>

#include "superd/server/changes.hpp"
#include "superd/server/control.hpp"
#include "superd/server/roster.hpp"
#include "superd/server/saved_state.hpp"

namespace superd {

/// How superd was started.
struct Invocation {
  std::string program;                 // absolute
  std::vector<std::string> arguments;  // argv
  std::string directory;               // where relative paths among them begin
};

/// This process's.
Invocation this_invocation(int argc, char** argv);

/// The variable that tells a new superd which descriptor holds the state.
inline constexpr const char* state_variable = "SUPERD_STATE";
/// What has a new superd prove itself: the state is its stdin, and the last line on its stderr
/// begins with `proof_of_upgrade`, the version after it.
inline constexpr const char* check_upgrade_option = "--check-upgrade";
inline constexpr const char* proof_of_upgrade = "superd can take over: ";

/// What the one who asked for an upgrade is told, by the new superd.
ControlReply upgraded(const std::string& from, const std::string& to);

/// Takes the state that SUPERD_STATE speaks of, and forgets the variable. Absent without it.
Result<std::optional<SavedState>> take_saved_state();
/// The state on stdin, for the proof.
Result<SavedState> state_to_check();

class Upgrade {
 public:
  /// What only the server knows: counts, the time it began.
  using Complete = std::function<void(SavedState&)>;

  Upgrade(Invocation invocation, Changes& changes, Roster& roster, Control& control,
          Runtime& runtime, const rlimit& descriptors, Complete complete)
      : invocation_(std::move(invocation)),
        changes_(changes),
        roster_(roster),
        control_(control),
        runtime_(runtime),
        descriptors_(descriptors),
        complete_(std::move(complete)) {}

  /// Becomes `program`; empty: the file that this superd was started from, as it is now. Returns
  /// only where that is not to be: why. `asked_by`: the control client to be answered by the new
  /// superd, or -1.
  awaitable<std::string> become_next(std::string program, int asked_by);

 private:
  SavedState stock(int asked_by) const;
  awaitable<std::string> fault_of(const std::string& program);
  awaitable<void> come_to_rest();
  Error exec(const std::string& program, int asked_by);

  Invocation invocation_;
  Changes& changes_;
  Roster& roster_;
  Control& control_;
  Runtime& runtime_;
  const rlimit& descriptors_;
  Complete complete_;
};

}  // namespace superd
