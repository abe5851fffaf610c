// SPDX-License-Identifier: MIT
// The options of a listening socket: set before it is bound, and changed while it serves.
#pragma once

#include "superd/base/result.hpp"
#include "superd/core/service.hpp"

namespace superd {

/// What listen(2) is asked for where the table doesn't say; the kernel cuts it to
/// net.core.somaxconn.
inline constexpr int longest_backlog = 65535;

/// Before bind(2). Errors: the option and its errno.
Result<void> set_options(int socket, const Listen& listen);

/// Makes the options of a socket that serves already those of `to`, as far as the kernel lets it
/// (buffer sizes can't go back to the system's own, and `v6only` not change at all). All are tried;
/// the error names those that stay as they were.
Result<void> change_options(int socket, const Listen& from, const Listen& to);

/// Joins those groups of an interface that the socket is no member of, as after the interface has
/// been made anew. True: there were some.
bool join_again(int socket, const SocketOptions& options);

/// Whether others of the same user may bind the same port (SO_REUSEPORT).
void share_port(int socket, bool shared);

/// Whether a TCP listener answers who knocks. While it doesn't, a handshake that has begun goes on,
/// and a new client hears nothing and tries again, after a second, with whoever listens then
/// (tcp(7)): nobody is reset where one socket takes over from another. Other sockets are left as
/// they are.
void answer_newcomers(int listener, bool answer);

}  // namespace superd
