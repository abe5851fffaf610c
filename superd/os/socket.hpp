// SPDX-License-Identifier: MIT
// Every socket superd serves on is made here: bound, given its options, set listening, accepted
// from. Close-on-exec always; listeners never block, connections do.
#pragma once

#include <chrono>

#include "superd/base/result.hpp"
#include "superd/core/peer.hpp"
#include "superd/core/service.hpp"
#include "superd/os/fd.hpp"

namespace superd {

enum class Newcomers : std::uint8_t { answers, silent };

/// Binds and listens, at a descriptor of 64 or above. Errors: the step and its errno ("bind:
/// Address already in use"). For a UNIX path: a stale socket of a dead daemon is taken over, a live
/// one (EADDRINUSE) or something that isn't a socket (ENOTSOCK) is left alone; owner, group and
/// mode hold before the first client can connect. A silent one answers nobody until
/// answer_newcomers().
Result<UniqueFd> open_listener(const Listen& listen, Newcomers greeting = Newcomers::answers);

/// What the kernel bound: the port instead of 0.
Result<BindAddress> bound_address(int listener, const BindAddress& asked);

struct Accepted {
  UniqueFd socket;
  Peer peer;
  std::chrono::steady_clock::time_point time = std::chrono::steady_clock::now();
};

/// The next waiting connection. Errors: errno in `number`, EAGAIN where none waits. `bound` saves
/// asking the kernel for the local address where the listener is bound to just one.
Result<Accepted> accept_connection(int listener, const BindAddress& bound);

/// A socket for the datagrams of one peer alone: bound to the local end, connected to the remote
/// one, with the options of the listener, beside which it must be let (share_port()). It blocks; at
/// a descriptor of 64 or above. Datagrams of others that came between the two steps wait in it.
/// Errors: the step and its errno.
Result<UniqueFd> open_exchange(const SocketOptions& options, const InetPeer& peer);

/// Its own end: the address that the kernel took where `peer` had none.
Endpoint exchange_end(int socket);

/// Until rejoin_exchange() its peer's datagrams go to the listener again; what waits stays.
void leave_exchange(int socket);
Result<void> rejoin_exchange(int socket, const InetPeer& peer);

/// Sends `text` as far as the socket takes it at once: nobody waits for a visitor.
void say(int socket, std::string_view text);

/// No more will be sent; what the peer sends is still taken.
void shut_sending(int socket);

/// Throws away what has arrived on a TCP connection without copying a byte of it (MSG_TRUNC,
/// tcp(7)). False: the peer has closed.
bool discard_arrived(int socket);

}  // namespace superd
