// SPDX-License-Identifier: MIT
// Who holds a TCP port, as far as the kernel tells: for the message about a port in use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace superd {

/// "pid 4711 (nginx)"; absent where it doesn't tell (another user's process, another namespace).
std::optional<std::string> tcp_port_owner(std::uint16_t port);

}  // namespace superd
