// SPDX-License-Identifier: MIT
// Positions become names.
#include "superd/server/table_change.hpp"

#include <nlohmann/json.hpp>

#include "superd/config/emit.hpp"

namespace superd {
namespace {

using Json = nlohmann::ordered_json;

TableChange::Socket socket_of(const ServiceTable& table, const ListenRef& ref) {
  const Service& service = *table.services[ref.service];
  return {service.name, to_text(service.listen[ref.listen].address)};
}

Json sockets_to_json(const std::vector<TableChange::Socket>& sockets) {
  Json list = Json::array();
  for (const auto& one : sockets)
    list.push_back({{"service", one.service}, {"address", one.address}});
  return list;
}

}  // namespace

TableChange describe(const ServiceTable& from, const ServiceTable& to, const TableDiff& diff) {
  TableChange change;
  for (const ListenRef& ref : diff.opened) change.opened.push_back(socket_of(to, ref));
  for (const ListenRef& ref : diff.closed) change.closed.push_back(socket_of(from, ref));
  change.kept = diff.kept.size();
  for (const TableDiff::Kept& kept : diff.kept) {
    const auto before = socket_of(from, kept.from), after = socket_of(to, kept.to);
    if (before.service != after.service)
      change.moved.push_back({after.address, before.service, after.service});
  }
  for (const std::size_t i : diff.added) change.added.push_back(to.services[i]->name);
  for (const std::size_t i : diff.removed) change.removed.push_back(from.services[i]->name);
  for (const TableDiff::Pair& pair : diff.changed) {
    const Service& after = *to.services[pair.to];
    change.changed.push_back({after.name, changed_keys(*from.services[pair.from], after)});
  }
  change.daemon = changed_keys(from.daemon, to.daemon);
  return change;
}

nlohmann::ordered_json to_json(const TableChange& change) {
  Json moved = Json::array(), changed = Json::array();
  for (const auto& one : change.moved)
    moved.push_back({{"address", one.address}, {"from", one.from}, {"to", one.to}});
  for (const auto& one : change.changed)
    changed.push_back({{"service", one.service}, {"keys", one.keys}});
  return {{"opened", sockets_to_json(change.opened)},
          {"closed", sockets_to_json(change.closed)},
          {"kept", change.kept},
          {"moved", std::move(moved)},
          {"added", change.added},
          {"removed", change.removed},
          {"changed", std::move(changed)},
          {"daemon", change.daemon}};
}

Reloaded to_event(const TableChange& change, std::uint64_t generation) {
  return {generation,          change.opened.size(),  change.kept,          change.closed.size(),
          change.added.size(), change.removed.size(), change.changed.size()};
}

}  // namespace superd
