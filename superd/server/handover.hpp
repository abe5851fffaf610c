// SPDX-License-Identifier: MIT
// From one superd to the next: what this one is doing, as a value; and going on with what another
// left. In between lies an exec (server/upgrade).
#pragma once

#include "superd/server/control.hpp"
#include "superd/server/roster.hpp"
#include "superd/server/saved_state.hpp"

namespace superd {

/// Whether everything that happens is either begun and known, or not begun: no end of a child
/// learned that its task hasn't seen yet.
bool is_at_rest(const Runtime& runtime);

/// Listeners, logs, connections: while is_at_rest().
SavedState take_stock(const Roster& roster, const Control& control, const Runtime& runtime);

/// The listeners another superd left, for Roster::prepare(). Takes them out of `state`.
std::vector<Inherited> inherited_listeners(SavedState& state);

/// Goes on with logs and connections; their descriptors become this superd's. A connection for
/// which no process could be made yet gets one of its service as `roster` has it now.
void go_on_with(SavedState& state, const Roster& roster, const rlimit& descriptors,
                Runtime& runtime);

}  // namespace superd
