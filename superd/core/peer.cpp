// SPDX-License-Identifier: MIT
// A peer as people read it.
#include "superd/core/peer.hpp"

#include "superd/base/overloaded.hpp"

namespace superd {

std::string to_text(const Peer& peer) {
  return std::visit(Overloaded{[](const TcpPeer& tcp) { return to_text(tcp.remote); },
                               [](const UnixPeer& local) {
                                 return "uid:" + std::to_string(local.uid) +
                                        ",pid:" + std::to_string(local.pid);
                               }},
                    peer);
}

}  // namespace superd
