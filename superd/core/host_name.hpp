// SPDX-License-Identifier: MIT
// A host's name as DNS tells it: bytes that a stranger chose, until they are read here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace superd {

/// The longest name in bytes, without the dot at its end (RFC 1035, 2.3.4).
inline constexpr std::size_t longest_host_name = 253;

/// `told` in lower case and without the dot at its end; absent where it is no host's name: labels
/// of 1 to 63 letters, digits and inner hyphens (RFC 1123, 2.1), and nothing that could be taken
/// for an address, which a number in the last place makes it (inet_aton(3)).
std::optional<std::string> read_host_name(std::string_view told);

}  // namespace superd
