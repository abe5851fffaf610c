// SPDX-License-Identifier: MIT
// The token buckets of all sources of all services in bounded memory, docs/decisions/0013. While
// there is room each source has its own; a bucket gives way only when it is full again, so nobody
// gets tokens back by sending strangers. What finds no room is counted in cells that strangers
// share: never too little, and with the worst neighbours too much.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "superd/core/token_bucket.hpp"

namespace superd {

class SourceBuckets {
 public:
  /// Who spends, as keyed hashes: of service and source, of service and the wide network around the
  /// source, and of the service.
  struct Who {
    std::uint64_t source = 0, neighbourhood = 0, service = 0;
  };

  /// `most`: own buckets, rounded down to a power of two.
  explicit SourceBuckets(std::size_t most = 131'072);

  TokenBucket find(const Who& who, Microseconds now) const;
  void spend(const Who& who, const Rate& rate, Microseconds now);

  /// All that isn't full: own buckets as source and moment, shared cells as service's place, cell
  /// and moment, one after the other.
  struct Saved {
    std::vector<std::uint64_t> own, shared;
  };
  Saved save(Microseconds now) const;
  /// What save() gave, with hashes of the same key; adds to what is there.
  void restore(const Saved& saved, Microseconds now);

  std::size_t bytes() const;
  /// The most that bytes() can be.
  std::size_t bound() const;

 private:
  struct Own {
    std::uint64_t source = 0;
    TokenBucket bucket;
  };
  static constexpr std::size_t ways = 8;  // places where a source's bucket can be
  using Set = std::array<Own, ways>;

  static constexpr std::size_t width = 1024;
  static constexpr std::size_t most_shared = 256;
  /// Of one service. A source has a cell in each row: two by itself, one with its neighbourhood.
  struct Shared {
    std::array<std::array<TokenBucket, width>, 3> rows;
    Microseconds full_at{0};  // the last of all cells
  };
  using Cells = std::array<std::size_t, 3>;

  static Cells cells_of(const Who& who);
  const Own* find_own(std::uint64_t source) const;
  Own* find_place(std::uint64_t source, Microseconds now);
  bool grow(Microseconds now);
  void forget_if_all_full(Microseconds now);
  void drop_full_shared(Microseconds now);
  TokenBucket find_shared(const Who& who, Microseconds now) const;
  void spend_shared(const Who& who, const TokenBucket& spent, Microseconds now);

  std::size_t most_sets_;
  std::vector<Set> sets_;    // a power of two, none before the first source
  Microseconds full_at_{0};  // the last of all own ones
  std::vector<std::unique_ptr<Shared>> shared_;
};

}  // namespace superd
