// SPDX-License-Identifier: MIT
// Sockets to somewhere else: connected without waiting, close-on-exec.
#pragma once

#include "superd/base/result.hpp"
#include "superd/core/address.hpp"
#include "superd/os/fd.hpp"

namespace superd {

/// A socket that is connected already, or will be: then it becomes writable, and connect_result()
/// tells.
struct Connecting {
  UniqueFd socket;  // never blocks
  bool is_there = false;
};

/// Errors: errno in `number`; EAGAIN where a UNIX socket's backlog is full, which nobody can wait
/// for.
Result<Connecting> begin_connect(const Endpoint& to);
Result<Connecting> begin_connect(const UnixAddress& to);

/// 0: it is connected. Otherwise the errno.
int connect_result(int socket);

/// For the relay of a conversation: small messages go at once, calls never wait.
void make_relayed(int socket);

/// When it closes, the other side sees a reset: what was said isn't all.
void close_with_reset(int socket);

}  // namespace superd
