// SPDX-License-Identifier: MIT
// What replacing one table by another does to sockets and services: a value, before anything is
// touched. Sockets are known by what they bind, so that a renamed service, a port that moves to
// another service, or a changed program keeps its socket and whoever waits in its backlog.
#pragma once

#include <string>
#include <vector>

#include "superd/core/service.hpp"

namespace superd {

/// One `listen` of a table: positions in `ServiceTable::services` and in `Service::listen`.
struct ListenRef {
  std::size_t service = 0, listen = 0;

  auto operator<=>(const ListenRef&) const = default;
};

struct TableDiff {
  struct Kept {
    ListenRef from, to;
  };
  struct Pair {
    std::size_t from = 0, to = 0;
  };
  std::vector<ListenRef> opened;     // in the new table
  std::vector<ListenRef> closed;     // in the old one
  std::vector<Kept> kept;            // the socket stays; service and options may differ
  std::vector<std::size_t> added;    // services of the new table whose name the old one hasn't
  std::vector<std::size_t> removed;  // and the other way round
  std::vector<Pair> changed;         // the same name, another value
};

/// Only enabled services have sockets. A socket stays where address and `v6only` (which the kernel
/// can't change once bound) are the same. Sockets with equal addresses (port 0, reuse_port) are
/// paired within the service of the same name first, in order.
TableDiff diff(const ServiceTable& from, const ServiceTable& to);

}  // namespace superd
