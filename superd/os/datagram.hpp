// SPDX-License-Identifier: MIT
// Datagrams that wait at a socket, seen from outside: who sent the first one, never what is in it.
#pragma once

#include "superd/base/result.hpp"
#include "superd/core/metrics.hpp"
#include "superd/core/peer.hpp"

namespace superd {

/// Who sent the datagram that waits longest; it stays. `bound` is what the socket is bound to.
/// Errors: errno in `number`, EAGAIN where none waits.
Result<Peer> first_sender(int socket, const BindAddress& bound);

/// Has the kernel note where datagrams were sent to: then first_sender() tells the local end, too,
/// where it is an address of ours and not a group's.
void note_destinations(int socket);
/// No more.
void forget_destinations(int socket);

/// When the datagram came that was last read from the socket, by whomever; inside absent: none was.
/// The kernel remembers from the first call on (SIOCGSTAMPNS, socket(7)). Absent: it doesn't tell,
/// for a program has the times told with each.
std::optional<std::optional<WallTime>> last_read(int socket);

/// Throws that datagram away, unread. False: none waits.
bool drop_first(int socket);

/// When the first one came, in nanoseconds of the wall clock, the same at every look; 0: none
/// waits. With it one can be told from another of the same sender. A program that shares the
/// socket, and has the kernel note arrivals for itself, goes on to have it so.
std::uint64_t arrival_of_first(int socket);

}  // namespace superd
