// SPDX-License-Identifier: MIT
// Networks are nested or apart, never crossing: so whatever holds an address encloses the last
// network that begins at or before it, or is that one.
#include "superd/core/network_set.hpp"

#include <algorithm>

namespace superd {
namespace {

bool agree(std::uint32_t a, std::uint32_t b, unsigned length) {
  return length == 0 || (a ^ b) >> (32 - length) == 0;
}

bool agree(std::uint64_t a, std::uint64_t b, unsigned length) {
  return length == 0 || (a ^ b) >> (64 - length) == 0;
}

template <class Wide>
bool agree(const Wide& a, const Wide& b, unsigned length) {
  return agree(a.high, b.high, std::min(length, 64U)) &&
         (length <= 64 || agree(a.low, b.low, length - 64));
}

// How many of `sorted` are not above `key`; without a branch to mispredict.
template <class Start>
std::size_t count_up_to(const std::vector<Start>& sorted, const Start& key) {
  const Start* base = sorted.data();
  std::size_t left = sorted.size();
  while (left > 1) {
    const std::size_t half = left / 2;
    base = base[half - 1] <= key ? base + half : base;
    left -= half;
  }
  const auto before = static_cast<std::size_t>(base - sorted.data());
  return left == 1 && *base <= key ? before + 1 : before;
}

// Sorts and drops repeats, the first of which stays.
void tidy(std::vector<NetworkSet::Entry>& entries) {
  const auto by_network = [](const auto& a, const auto& b) { return a.network < b.network; };
  const auto is_same = [](const auto& a, const auto& b) { return a.network == b.network; };
  std::stable_sort(entries.begin(), entries.end(), by_network);
  entries.erase(std::unique(entries.begin(), entries.end(), is_same), entries.end());
}

}  // namespace

template <class Start>
void NetworkSet::Sorted<Start>::add(Start start, std::uint8_t length, std::uint32_t value) {
  const auto position = static_cast<std::uint32_t>(starts.size());
  std::uint32_t outer = position;
  if (position > 0) {
    if (const auto around = narrowest_from(position - 1, start)) outer = *around;
  }
  starts.push_back(start);
  links.push_back({value, outer, length});
}

template <class Start>
void NetworkSet::Sorted<Start>::finish() {
  starts.shrink_to_fit();
  links.shrink_to_fit();
}

template <class Start>
std::optional<std::uint32_t> NetworkSet::Sorted<Start>::narrowest_from(std::uint32_t position,
                                                                       Start key) const {
  for (;;) {
    const Link& link = links[position];
    if (agree(starts[position], key, link.length)) return position;
    if (link.outer == position) return std::nullopt;
    position = link.outer;
  }
}

template <class Start>
std::optional<std::uint32_t> NetworkSet::Sorted<Start>::find(Start key) const {
  const std::size_t count = count_up_to(starts, key);
  if (count == 0) return std::nullopt;
  return narrowest_from(static_cast<std::uint32_t>(count - 1), key);
}

template <class Start>
std::optional<std::uint32_t> NetworkSet::Sorted<Start>::outer_of(std::uint32_t position) const {
  const std::uint32_t outer = links[position].outer;
  return outer == position ? std::nullopt : std::optional(outer);
}

template <class Start>
std::size_t NetworkSet::Sorted<Start>::bytes() const {
  return starts.capacity() * sizeof(Start) + links.capacity() * sizeof(Link);
}

NetworkSet::NetworkSet(std::vector<Entry> entries) {
  tidy(entries);
  // By address alone a scope comes last, but a table needs each scope together.
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.network.address.scope < b.network.address.scope;
  });
  for (const Entry& entry : entries) {
    const IpAddress& address = entry.network.address;
    if (!address.v6) {
      v4_.add(number_of(address), entry.network.length, entry.value);
      continue;
    }
    if (address.scope != 0 && (scoped_.empty() || scoped_.back().scope != address.scope)) {
      scoped_.emplace_back().scope = address.scope;
    }
    Sorted<Wide>& table = address.scope == 0 ? v6_ : scoped_.back();
    table.add(wide_of(address), entry.network.length, entry.value);
  }
  v4_.finish();
  v6_.finish();
  for (Sorted<Wide>& table : scoped_) table.finish();
}

std::uint32_t NetworkSet::number_of(const IpAddress& address) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | address.bytes[i];
  return number;
}

NetworkSet::Wide NetworkSet::wide_of(const IpAddress& address) {
  Wide wide;
  for (std::size_t i = 0; i < 8; ++i) {
    wide.high = wide.high << 8 | address.bytes[i];
    wide.low = wide.low << 8 | address.bytes[i + 8];
  }
  return wide;
}

NetworkSet::Entry NetworkSet::entry_of(const Sorted<std::uint32_t>& table, std::uint32_t position) {
  const Link& link = table.links[position];
  return {{ipv4(table.starts[position]), link.length}, link.value};
}

NetworkSet::Entry NetworkSet::entry_of(const Sorted<Wide>& table, std::uint32_t position) {
  const Wide& start = table.starts[position];
  IpAddress address;
  address.v6 = true;
  address.scope = table.scope;
  for (std::size_t i = 0; i < 8; ++i) {
    address.bytes[i] = static_cast<std::uint8_t>(start.high >> (56 - 8 * i));
    address.bytes[i + 8] = static_cast<std::uint8_t>(start.low >> (56 - 8 * i));
  }
  return {{address, table.links[position].length}, table.links[position].value};
}

const NetworkSet::Sorted<NetworkSet::Wide>* NetworkSet::scoped(std::uint32_t scope) const {
  if (scope == 0) return nullptr;
  const auto at = std::lower_bound(scoped_.begin(), scoped_.end(), scope,
                                   [](const auto& table, auto id) { return table.scope < id; });
  return at == scoped_.end() || at->scope != scope ? nullptr : &*at;
}

std::optional<NetworkSet::Entry> NetworkSet::find(const IpAddress& any) const {
  const IpAddress address = unmapped(any);
  if (!address.v6) {
    const auto at = v4_.find(number_of(address));
    return at ? std::optional(entry_of(v4_, *at)) : std::nullopt;
  }
  const Wide key = wide_of(address);
  std::optional<Entry> best;
  if (const auto at = v6_.find(key)) best = entry_of(v6_, *at);
  if (const Sorted<Wide>* table = scoped(address.scope)) {
    const auto at = table->find(key);
    if (at && (!best || table->links[*at].length >= best->network.length)) {
      best = entry_of(*table, *at);
    }
  }
  return best;
}

std::vector<NetworkSet::Entry> NetworkSet::find_all(const IpAddress& any) const {
  const IpAddress address = unmapped(any);
  std::vector<Entry> all;
  const auto collect = [&](const auto& table, const auto& key) {
    for (auto at = table.find(key); at; at = table.outer_of(*at)) {
      all.push_back(entry_of(table, *at));
    }
  };
  if (!address.v6) {
    collect(v4_, number_of(address));
    return all;
  }
  if (const Sorted<Wide>* table = scoped(address.scope)) collect(*table, wide_of(address));
  collect(v6_, wide_of(address));
  std::stable_sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) {
    return a.network.length > b.network.length;
  });
  return all;
}

std::vector<NetworkSet::Entry> NetworkSet::entries() const {
  std::vector<Entry> all;
  all.reserve(size());
  const auto collect = [&](const auto& table) {
    for (std::uint32_t i = 0; i < table.starts.size(); ++i) all.push_back(entry_of(table, i));
  };
  collect(v4_);
  collect(v6_);
  for (const Sorted<Wide>& table : scoped_) collect(table);
  return all;
}

std::size_t NetworkSet::size() const {
  std::size_t count = v4_.starts.size() + v6_.starts.size();
  for (const Sorted<Wide>& table : scoped_) count += table.starts.size();
  return count;
}

std::size_t NetworkSet::bytes() const {
  std::size_t sum = v4_.bytes() + v6_.bytes() + scoped_.capacity() * sizeof(Sorted<Wide>);
  for (const Sorted<Wide>& table : scoped_) sum += table.bytes();
  return sum;
}

}  // namespace superd
