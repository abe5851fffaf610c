// SPDX-License-Identifier: MIT
// A UDP datagram as it is on the wire (RFC 768, 791, 8200), for a raw socket. Pure.
#pragma once

#include <string>
#include <string_view>

#include "superd/core/address.hpp"

namespace superd {

/// From the IP header on. Both ends are of one family. The IPv4 header's checksum and length are
/// left to the kernel, which writes them anyway (raw(7)); UDP over IPv4 goes without a checksum.
std::string udp_packet(const Endpoint& source, const Endpoint& destination,
                       std::string_view content);

}  // namespace superd
