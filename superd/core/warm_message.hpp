// SPDX-License-Identifier: MIT
// What superd-warm says to superd, once, of a handler that was started ahead of its connection:
// that it is ready, or why it isn't.
#pragma once

#include <cstddef>

namespace superd {

inline constexpr const char* warm_and_ready = "ready";
/// Any other message is a reason, as the end of a sentence: "it waits for its input with epoll".
inline constexpr std::size_t longest_warm_message = 200;

}  // namespace superd
