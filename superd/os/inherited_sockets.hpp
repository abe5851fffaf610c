// SPDX-License-Identifier: MIT
// Listening sockets that superd was started with: those of a systemd .socket unit, and those that
// the manager's descriptor store has kept from an earlier superd (sd_listen_fds(3)). What they are
// is the kernel's word; names are for messages only.
#pragma once

#include <string>
#include <vector>

#include "superd/base/result.hpp"
#include "superd/core/address.hpp"
#include "superd/os/fd.hpp"

namespace superd {

struct InheritedSocket {
  UniqueFd socket;
  std::string name;  // of LISTEN_FDNAMES; "unknown" where there is none
};

/// Takes what LISTEN_FDS promises to this process (LISTEN_PID): close-on-exec, non-blocking, at 64
/// and above; and forgets the variables, so that a second call and a later exec find nothing. What
/// can't be taken is missing in the answer: its address is then bound anew, or the reason why not
/// is said. Call after raise_descriptor_limit(), before the first thread.
std::vector<InheritedSocket> take_inherited_sockets();

/// What `listener` is bound to, as the table would write it: no host where it takes every address
/// of its family, `dual` where that is both. Errors: it isn't a socket that listens or takes
/// datagrams, is of no kind that the table has, or its path isn't there any more.
Result<BindAddress> bound_address_of(int listener);

}  // namespace superd
