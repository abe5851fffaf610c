// SPDX-License-Identifier: MIT
// Both tables as sorted lists of sockets, merged twice: services of one name among themselves, then
// whatever is left. Sorting is all the work, so that 10,000 services take milliseconds.
#include "superd/core/table_diff.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace superd {
namespace {

// One socket of a table; refers to it.
struct Bound {
  const BindAddress* address;
  std::optional<bool> v6only;
  std::string_view service;
  ListenRef ref;
};
using BoundList = std::vector<Bound>;

// What the kernel is told: a socket for IPv6 alone is so whether that was written or not.
std::optional<bool> v6only_of(const Listen& listen) {
  const auto* inet = std::get_if<InetAddress>(&listen.address);
  if (inet == nullptr || inet->family == IpFamily::v4) return std::nullopt;
  return listen.options->v6only.value_or(inet->host || inet->family == IpFamily::v6);
}

BoundList sockets_of(const ServiceTable& table) {
  BoundList sockets;
  for (std::size_t i = 0; i < table.services.size(); ++i) {
    const Service& service = *table.services[i];
    if (!service.enabled) continue;
    for (std::size_t k = 0; k < service.listen.size(); ++k) {
      const Listen& listen = service.listen[k];
      sockets.push_back({&listen.address, v6only_of(listen), service.name, {i, k}});
    }
  }
  return sockets;
}

auto by_socket(const Bound& bound) { return std::tie(*bound.address, bound.v6only); }
auto by_socket_and_service(const Bound& bound) {
  return std::tie(*bound.address, bound.v6only, bound.service);
}

// Takes out of both lists what is equal in `key`, in the order of the tables.
template <class Key>
void pair_up(BoundList& from, BoundList& to, Key key, std::vector<TableDiff::Kept>& kept) {
  const auto in_order = [&](const Bound& a, const Bound& b) {
    return key(a) != key(b) ? key(a) < key(b) : a.ref < b.ref;
  };
  std::sort(from.begin(), from.end(), in_order);
  std::sort(to.begin(), to.end(), in_order);
  BoundList from_left, to_left;
  auto old = from.begin(), now = to.begin();
  while (old != from.end() && now != to.end()) {
    if (key(*old) < key(*now)) {
      from_left.push_back(*old++);
    } else if (key(*now) < key(*old)) {
      to_left.push_back(*now++);
    } else {
      kept.push_back({(old++)->ref, (now++)->ref});
    }
  }
  from_left.insert(from_left.end(), old, from.end());
  to_left.insert(to_left.end(), now, to.end());
  from = std::move(from_left);
  to = std::move(to_left);
}

std::vector<ListenRef> refs_of(const BoundList& sockets) {
  std::vector<ListenRef> refs;
  for (const Bound& bound : sockets) refs.push_back(bound.ref);
  std::sort(refs.begin(), refs.end());
  return refs;
}

void compare_sockets(const ServiceTable& from, const ServiceTable& to, TableDiff& diff) {
  BoundList old = sockets_of(from), now = sockets_of(to);
  pair_up(old, now, by_socket_and_service, diff.kept);
  pair_up(old, now, by_socket, diff.kept);
  std::sort(diff.kept.begin(), diff.kept.end(),
            [](const auto& a, const auto& b) { return a.to < b.to; });
  diff.opened = refs_of(now);
  diff.closed = refs_of(old);
}

using Names = std::unordered_map<std::string_view, std::size_t>;

Names names_of(const ServiceTable& table) {
  Names names;
  for (std::size_t i = 0; i < table.services.size(); ++i) names[table.services[i]->name] = i;
  return names;
}

void compare_services(const ServiceTable& from, const ServiceTable& to, TableDiff& diff) {
  const Names old = names_of(from), now = names_of(to);
  for (std::size_t i = 0; i < from.services.size(); ++i) {
    if (now.count(from.services[i]->name) == 0) diff.removed.push_back(i);
  }
  for (std::size_t i = 0; i < to.services.size(); ++i) {
    const auto found = old.find(to.services[i]->name);
    if (found == old.end()) {
      diff.added.push_back(i);
    } else if (*from.services[found->second] != *to.services[i]) {
      diff.changed.push_back({found->second, i});
    }
  }
}

}  // namespace

TableDiff diff(const ServiceTable& from, const ServiceTable& to) {
  TableDiff result;
  compare_sockets(from, to, result);
  compare_services(from, to, result);
  return result;
}

}  // namespace superd
