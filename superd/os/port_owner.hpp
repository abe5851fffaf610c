// SPDX-License-Identifier: MIT
// Who holds a port, as far as the kernel tells: for the message about a port in use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "superd/core/address.hpp"

namespace superd {

/// "pid 4711 (nginx)"; absent where it doesn't tell (another user's process, another namespace).
std::optional<std::string> port_owner(Transport transport, std::uint16_t port);

}  // namespace superd
