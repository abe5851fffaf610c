// SPDX-License-Identifier: MIT
// The process that stays behind when superd-warm becomes a handler: it waits until the handler
// waits, leads it into the stub, says how that went, and leaves.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string_view>

#include "superd/base/result.hpp"

namespace superd {

struct TracerTerms {
  int pair = 0;    // the handler's input, the same in the tracer
  int report = 3;  // a conversation with superd (os/message_socket), for one message from here
  std::chrono::milliseconds longest{10'000};
};

/// Tells superd: core/warm_message. False: it is gone.
bool tell(int report, std::string_view message);

/// Leaves a tracer behind that isn't this process's child, and lets it trace this process, whatever
/// that becomes by exec. Errors: EAGAIN, ENOMEM and whatever else keeps processes from being made.
Result<void> leave_tracer(const TracerTerms& terms);

}  // namespace superd
