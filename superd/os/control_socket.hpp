// SPDX-License-Identifier: MIT
// The socket that administrators connect to, and who they are. Descriptors of 64 or above,
// close-on-exec, never blocking: control costs launches nothing.
#pragma once

#include <string>

#include "superd/core/control_access.hpp"
#include "superd/os/fd.hpp"
#include "superd/os/unix_path.hpp"

namespace superd {

struct ControlSocket {
  UniqueFd socket;
  std::string at;  // where it is, for messages and for whoever takes it over
  UnixPath path;   // removed at the end; keep() where the socket goes on elsewhere
};

/// Binds and listens at `path`, absolute; makes its folder (0755) where only that is missing.
/// Owner, group and mode hold before anyone can connect. A dead daemon's socket is taken over; a
/// live one's and what isn't a socket are left alone. Errors name the path and the remedy.
Result<ControlSocket> open_control_socket(const std::string& path, const ControlSettings& settings);

/// One that listens already: an upgrade hands it over. Error: it doesn't listen at `path`.
Result<ControlSocket> adopt_control_socket(UniqueFd socket, const std::string& path);

/// Owner, group and mode as changed settings ask for, at a path that is bound already; where they
/// name nobody any more it is superd's own.
Result<void> give_control_socket(const std::string& path, const ControlSettings& settings);

/// The next client that waits. Errors: errno in `number`, EAGAIN where none waits.
Result<UniqueFd> accept_control_client(int listener);

/// Who is at the other end, as the kernel says (SO_PEERCRED, SO_PEERGROUPS, socket(7)).
Result<ControlCaller> caller_of(int client);

}  // namespace superd
