// SPDX-License-Identifier: MIT
// What an upstream is told of the client before the client's first byte: the PROXY protocol of
// HAProxy, versions 1 and 2 (proxy-protocol.txt). Written here; what others write isn't read yet.
#pragma once

#include <string>

#include "superd/core/peer.hpp"
#include "superd/core/upstream.hpp"

namespace superd {

/// The bytes; none where there is no header. Of a client that has no address in the internet it
/// says that nothing is known: version 1 "UNKNOWN", version 2 UNSPEC.
std::string proxy_header(ProxyProtocol version, const Peer& peer);

}  // namespace superd
