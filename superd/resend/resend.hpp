// SPDX-License-Identifier: MIT
// Takes datagrams that wait at the wrong socket and sends each again, as from its sender, so that
// the kernel puts it where it belongs by now.
#pragma once

#include "superd/core/resend_message.hpp"

namespace superd {

struct ResendSockets {
  int from = -1;     // where the datagram waits
  int through = -1;  // a raw socket of the family of the destination
  int behind = -1;   // where others wait that are to stay behind it; -1: nowhere
};

ResendAnswer resend(const ResendRequest& request, const ResendSockets& sockets);

}  // namespace superd
