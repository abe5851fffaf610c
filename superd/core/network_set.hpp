// SPDX-License-Identifier: MIT
// Networks, each with a number, and which of them holds an address most narrowly. Made once and
// never changed. Sorted arrays with links to what encloses, docs/decisions/0013: 16 bytes for an
// IPv4 network and 28 for an IPv6 one; 17 comparisons among 100,000, and no step more than an
// address has bits after them, however they are nested.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "superd/core/network.hpp"

namespace superd {

class NetworkSet {
 public:
  struct Entry {
    Network network;
    std::uint32_t value = 0;  // what its owner knows it by

    bool operator==(const Entry&) const = default;
  };

  NetworkSet() = default;
  /// Of two entries for one network the first counts.
  explicit NetworkSet(std::vector<Entry> entries);

  /// The narrowest network that holds `address`. One of the address's own scope is narrower than
  /// one of the same length without.
  std::optional<Entry> find(const IpAddress& address) const;
  /// All that hold it, the narrowest first.
  std::vector<Entry> find_all(const IpAddress& address) const;

  /// In the order of addresses, the wide before the narrow; those with a scope at the end.
  std::vector<Entry> entries() const;
  std::size_t size() const;
  std::size_t bytes() const;  // of memory, besides the object itself

 private:
  struct Wide {  // an IPv6 address as a number
    std::uint64_t high = 0, low = 0;

    auto operator<=>(const Wide&) const = default;
  };

  struct Link {
    std::uint32_t value;
    std::uint32_t outer;  // the position of the narrowest network around it; itself: there is none
    std::uint8_t length;
  };
  template <class Start>
  struct Sorted {
    std::uint32_t scope = 0;
    std::vector<Start> starts;  // by these, then by length
    std::vector<Link> links;

    void add(Start start, std::uint8_t length, std::uint32_t value);
    void finish();
    /// The position of the narrowest network that holds `key`; absent where none does.
    std::optional<std::uint32_t> find(Start key) const;
    std::optional<std::uint32_t> narrowest_from(std::uint32_t position, Start key) const;
    std::optional<std::uint32_t> outer_of(std::uint32_t position) const;
    std::size_t bytes() const;
  };

  static std::uint32_t number_of(const IpAddress& address);
  static Wide wide_of(const IpAddress& address);
  static Entry entry_of(const Sorted<std::uint32_t>& table, std::uint32_t position);
  static Entry entry_of(const Sorted<Wide>& table, std::uint32_t position);
  const Sorted<Wide>* scoped(std::uint32_t scope) const;

  Sorted<std::uint32_t> v4_;
  Sorted<Wide> v6_;
  std::vector<Sorted<Wide>> scoped_;  // by scope: few
};

}  // namespace superd
