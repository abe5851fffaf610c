// SPDX-License-Identifier: MIT
// Binds what a table asks for: all of it or, with every reason at once, none of it.
#pragma once

#include <vector>

#include "superd/config/diagnostic.hpp"
#include "superd/core/service.hpp"
#include "superd/server/listener.hpp"

namespace superd {

struct Bound {
  std::vector<OpenSocket> sockets;
  Diagnostics diagnostics;  // where there is an error, the sockets are to be closed
};

/// For the enabled services of `table`.
Bound bind_all(const ServiceTable& table);

}  // namespace superd
