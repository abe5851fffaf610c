// SPDX-License-Identifier: MIT
// A socket that sends packets with whatever header they bring: only for superd-resend, and never
// read from.
#pragma once

#include "superd/base/result.hpp"
#include "superd/os/fd.hpp"

namespace superd {

/// For IPv4 or IPv6 packets whose header is the sender's, raw(7); close-on-exec, at 64 or above.
/// Errors: EPERM without CAP_NET_RAW, EAFNOSUPPORT where there is no IPv6.
Result<UniqueFd> open_raw_socket(bool v6);

}  // namespace superd
