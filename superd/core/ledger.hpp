// SPDX-License-Identifier: MIT
// What is counted for limits: how many run, of which service and for which source, and how many
// have started of late. Counts only what is admitted; decides nothing; reads no clock. A decision
// costs the same however many sources there are, and their memory is bounded.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "superd/base/keyed_hash.hpp"
#include "superd/core/limits.hpp"
#include "superd/core/peer.hpp"
#include "superd/core/source_buckets.hpp"

namespace superd {

/// A virtual machine, or a host of one: vsock(7).
struct VsockCid {
  std::uint32_t number = 0;

  auto operator<=>(const VsockCid&) const = default;
};

/// What limits "per source" count by: a network, the user at the other end of a UNIX socket, a
/// virtual machine.
using SourceId = std::variant<Network, uid_t, VsockCid>;

SourceId source_of(const Limits& limits, const Peer& peer);
std::string to_text(const SourceId& source);  // "192.0.2.1", "2001:db8::/64", "uid:1000",
                                              // "vsock:3"

/// What a limit is compared with. Waits are until the next start would be within the rate; zero:
/// now.
struct Usage {
  std::uint32_t instances = 0, per_source = 0;
  Milliseconds rate{0}, rate_per_source{0};
};

class Ledger {
 public:
  /// `key` is random: sources choose their addresses.
  explicit Ledger(const HashKey& key, std::size_t most_buckets = 131'072)
      : key_(key), sources_(most_buckets) {}

  Usage usage(std::string_view service, const Limits& limits, const SourceId& source,
              Monotonic now) const;

  /// An instance starts: it counts, and spends.
  void begin(std::string_view service, const Limits& limits, const SourceId& source, Monotonic now);
  /// One that runs already: after an upgrade.
  void resume(std::string_view service, const SourceId& source);
  /// With the source that it began with: limits may have changed since.
  void end(std::string_view service, const SourceId& source);

  /// What has been spent of rates, for the next superd on this machine: JSON.
  std::string save(Monotonic now) const;
  /// What save() wrote; before anything is counted. Empty: nothing. Error: it makes no sense, and
  /// nothing has changed.
  Result<void> restore(std::string_view saved, Monotonic now);

  std::uint32_t running() const { return running_; }
  std::uint32_t running(std::string_view service) const;
  /// Of memory, for sources that are gone: what strangers can cause.
  std::size_t bucket_bytes() const { return sources_.bytes(); }
  std::size_t bucket_bound() const { return sources_.bound(); }

 private:
  struct Counts {
    std::uint32_t running = 0;
    TokenBucket bucket;
  };
  struct Text {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  /// The key is a hash already.
  struct AsIs {
    std::size_t operator()(std::uint64_t hash) const { return hash; }
  };

  Microseconds moment(Monotonic now) const;
  std::uint64_t hash_of(std::uint64_t service, const SourceId& source) const;
  SourceBuckets::Who who_is(std::string_view service, const SourceId& source) const;
  void forget_idle(Microseconds now);

  HashKey key_;
  std::uint32_t running_ = 0;
  std::unordered_map<std::string, Counts, Text, std::equal_to<>> services_;
  std::size_t sweep_at_ = 64;
  std::unordered_map<std::uint64_t, std::uint32_t, AsIs> per_source_;  // those that run
  SourceBuckets sources_;
  Microseconds latest_{0};
};

}  // namespace superd
