// SPDX-License-Identifier: MIT
// Upstreams as text.
#include "superd/core/upstream.hpp"

#include "superd/base/overloaded.hpp"

namespace superd {

std::string to_text(const Upstream& upstream) {
  return std::visit(
      Overloaded{[](const Endpoint& end) { return to_text(end); },
                 [](const NamedHost& host) { return host.name + ":" + std::to_string(host.port); },
                 [](const UnixAddress& local) { return to_text(BindAddress(local)); }},
      upstream);
}

}  // namespace superd
