// SPDX-License-Identifier: MIT
// Who is banned from all services, for how long and why. Bounded; costs a connection nothing while
// nobody is banned. Time is handed in: a clock that never goes back says when a ban is over, the
// one on the wall only what is shown and saved.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "superd/base/keyed_hash.hpp"
#include "superd/base/number.hpp"
#include "superd/base/result.hpp"
#include "superd/base/timestamp.hpp"
#include "superd/core/network.hpp"
#include "superd/core/token_bucket.hpp"

namespace superd {

struct Ban {
  Network network;
  std::string reason;     // "trap 'telnet'", or an administrator's words
  bool by_hand = false;   // by an administrator: it never gives way
  Milliseconds lasts{0};  // from when it was set
  Monotonic until;
};

class Bans {
 public:
  /// `key` is random. When `most` are banned, the trap's ban that ends first gives way to a new
  /// one.
  explicit Bans(const HashKey& key, std::size_t most = 65'536) : bans_(0, Hash{key}), most_(most) {}

  /// In the place of one of the same network, unless that one lasts longer and the new one is a
  /// trap's. Error: there are too many, all made by hand.
  Result<void> add(Ban ban);
  /// The ban of this very network; absent: there was none.
  std::optional<Ban> remove(const Network& network);
  /// Takes out those whose time is over.
  std::vector<Ban> expire(Monotonic now);
  std::optional<Monotonic> next_end() const;

  /// The narrowest ban of `address`; null: not banned. One look for each length of prefix that
  /// somebody is banned by.
  const Ban* find(const IpAddress& address, Monotonic now) const;
  /// By the time they end.
  std::vector<Ban> all() const;
  std::size_t size() const { return bans_.size(); }

  /// As a JSON list, for the next superd: `[{"network":…,"reason":…,"until":…,…}]`.
  std::string save(Monotonic now, Moment wall) const;
  /// What came of a saved list.
  struct Restored {
    std::size_t added = 0;
    std::vector<std::string> faults;  // of entries that were left out; the first few
    std::size_t more_faults = 0;
  };
  /// Adds what save() wrote. None lasts longer than it was to last at first, wherever the wall's
  /// clock has gone since; whose time is over is passed over. Error: it is no list.
  Result<Restored> restore(std::string_view json, Monotonic now, Moment wall);

 private:
  struct Hash {
    HashKey key;
    std::size_t operator()(const Network& network) const;
  };
  using Ends = std::multimap<Monotonic, Network>;
  struct Held {
    Ban ban;
    Ends::iterator end;
  };
  using Table = std::unordered_map<Network, Held, Hash>;
  using Lengths = std::map<unsigned, std::size_t, std::greater<>>;  // the longest first

  Ends& ends_of(const Ban& ban) { return ends_[ban.by_hand ? 1 : 0]; }
  void erase(Table::iterator at);
  bool make_room();

  Table bans_;
  Ends ends_[2];     // of the trap's bans, and of those made by hand
  Lengths v4_, v6_;  // how many bans there are of each length
  std::size_t most_;
};

}  // namespace superd
