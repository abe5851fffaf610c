// SPDX-License-Identifier: MIT
// Datagrams that wait at a socket, seen from outside: who sent the first one, never what is in it.
#pragma once

#include "superd/base/result.hpp"
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

/// Whether a datagram waits, or an error.
bool has_waiting(int socket);

/// Throws that datagram away, unread. False: none waits.
bool drop_first(int socket);

/// Has the kernel note when datagrams came, or not: with a note, the first one can be told from
/// another of the same sender.
void note_arrivals(int socket, bool notes);
/// When the first one came, in nanoseconds of the wall clock; 0: none waits, or none was noted.
std::uint64_t arrival_of_first(int socket);

}  // namespace superd
