// SPDX-License-Identifier: MIT
// Network interfaces, and sockets that are bound to one. A socket is bound to a number: an
// interface that is deleted and made again has another one, and the socket hears nothing any more
// until it is bound to that.
#pragma once

#include <cstdint>
#include <string>

#include "superd/base/result.hpp"

namespace superd {

/// 0: there is none of that name, now.
std::uint32_t interface_index(const std::string& name);
/// Empty: there is none of that number, now.
std::string interface_name(std::uint32_t index);

/// What `socket` is bound to; 0: to none.
std::uint32_t bound_interface(int socket);
/// Also while it listens. Errors: EPERM, for who is bound already needs CAP_NET_RAW.
Result<void> bind_to_interface(int socket, std::uint32_t index);

}  // namespace superd
