// SPDX-License-Identifier: MIT
// The socket of this machine's rpcbind: who connects to it is known to it by his user.
#pragma once

#include "superd/base/result.hpp"
#include "superd/os/fd.hpp"

namespace superd {

inline constexpr const char* rpcbind_path = "/run/rpcbind.sock";

/// A connection that waits for answers, as the caller's user whoever uses it; never waits itself.
/// Errors: ENOENT and ECONNREFUSED where there is no rpcbind, EAGAIN where it is busy.
Result<UniqueFd> connect_to_rpcbind();

}  // namespace superd
