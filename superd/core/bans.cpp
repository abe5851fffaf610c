// SPDX-License-Identifier: MIT
// A table by network, and the moments at which bans end in order.
#include "superd/core/bans.hpp"

#include <algorithm>
#include <cstring>

namespace superd {

std::size_t Bans::Hash::operator()(const Network& network) const {
  char bytes[16 + 4 + 2] = {};
  std::memcpy(bytes, network.address.bytes.data(), 16);
  std::memcpy(bytes + 16, &network.address.scope, 4);
  bytes[20] = static_cast<char>(network.length);
  bytes[21] = network.address.v6 ? 1 : 0;
  return keyed_hash(key, {bytes, sizeof bytes});
}

Result<void> Bans::add(Ban ban) {
  if (const auto old = bans_.find(ban.network); old != bans_.end()) {
    const Ban& held = old->second.ban;
    if (!ban.by_hand && (held.by_hand || held.until > ban.until)) return {};
    erase(old);
  }
  if (bans_.size() >= most_ && !make_room()) {
    return Error{"there are " + std::to_string(most_) +
                 " bans made by hand, which is the most; remove one, or ban a wider network"};
  }
  ++(ban.network.address.v6 ? v6_ : v4_)[ban.network.length];
  const auto end = ends_of(ban).emplace(ban.until, ban.network);
  const Network network = ban.network;
  bans_.emplace(network, Held{std::move(ban), end});
  return {};
}

std::optional<Ban> Bans::remove(const Network& network) {
  const auto at = bans_.find(network);
  if (at == bans_.end()) return std::nullopt;
  Ban ban = at->second.ban;
  erase(at);
  return ban;
}

std::vector<Ban> Bans::expire(Monotonic now) {
  std::vector<Ban> over;
  for (Ends& ends : ends_) {
    while (!ends.empty() && ends.begin()->first <= now) {
      over.push_back(*remove(Network(ends.begin()->second)));
    }
  }
  return over;
}

std::optional<Monotonic> Bans::next_end() const {
  std::optional<Monotonic> next;
  for (const Ends& ends : ends_) {
    if (!ends.empty() && (!next || ends.begin()->first < *next)) next = ends.begin()->first;
  }
  return next;
}

const Ban* Bans::find(const IpAddress& address, Monotonic now) const {
  if (bans_.empty()) return nullptr;
  IpAddress one = unmapped(address);
  // With the interface first, where the address has one.
  for (bool has_more = true; has_more; one.scope = 0) {
    has_more = one.scope != 0;
    for (const auto& [length, count] : one.v6 ? v6_ : v4_) {
      const auto at = bans_.find(network_of(one, length));
      if (at != bans_.end() && at->second.ban.until > now) return &at->second.ban;
    }
  }
  return nullptr;
}

std::vector<Ban> Bans::all() const {
  std::vector<Ban> all;
  all.reserve(bans_.size());
  for (const Ends& ends : ends_) {
    for (const auto& [until, network] : ends) all.push_back(bans_.find(network)->second.ban);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Ban& a, const Ban& b) { return a.until < b.until; });
  return all;
}

void Bans::erase(Table::iterator at) {
  const Network& network = at->first;
  Lengths& lengths = network.address.v6 ? v6_ : v4_;
  const auto length = lengths.find(network.length);
  if (--length->second == 0) lengths.erase(length);
  ends_of(at->second.ban).erase(at->second.end);
  bans_.erase(at);
}

bool Bans::make_room() {
  const Ends& traps = ends_[0];
  if (traps.empty()) return false;
  erase(bans_.find(traps.begin()->second));
  return true;
}

}  // namespace superd
