// SPDX-License-Identifier: MIT
// What a change of table means to the people who make it: a value to print, for superctl diff and
// reload (docs/CONTROL.md).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "superd/core/event.hpp"
#include "superd/core/table_diff.hpp"

namespace superd {

struct TableChange {
  struct Socket {
    std::string service, address;
  };
  struct Moved {
    std::string address, from, to;
  };
  struct Changed {
    std::string service;
    std::vector<std::string> keys;
  };
  std::vector<Socket> opened, closed;
  std::size_t kept = 0;  // sockets, moved ones too
  std::vector<Moved> moved;
  std::vector<std::string> added, removed;  // services
  std::vector<Changed> changed;
  std::vector<std::string> daemon;  // keys of `daemon`
};

TableChange describe(const ServiceTable& from, const ServiceTable& to, const TableDiff& diff);

nlohmann::ordered_json to_json(const TableChange& change);
Reloaded to_event(const TableChange& change, std::uint64_t generation);

}  // namespace superd
