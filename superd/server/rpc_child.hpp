// SPDX-License-Identifier: MIT
// One conversation with superd-rpc, from its launch to its end. It talks to rpcbind as this superd,
// since superd opens the connection, and has no other power (docs/decisions/0019).
#pragma once

#include <vector>

#include "superd/core/rpc_message.hpp"
#include "superd/server/own_child.hpp"

namespace superd {

/// superd-rpc at `program`, ready to launch: as `identity`, or else as superd itself.
HandlerPtr rpc_handler(const std::string& program, std::optional<Identity> identity,
                       const rlimit& descriptors);

/// Has all of `tasks` done by way of `rpcbind`, a connection that waits: how each went. Errors: it
/// couldn't be started, or gave no answer in time.
awaitable<Result<std::vector<RpcOutcome>>> done_by_superd_rpc(OwnRooms rooms, HandlerPtr handler,
                                                              int rpcbind,
                                                              std::vector<RpcTask> tasks);

}  // namespace superd
