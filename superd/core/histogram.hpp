// SPDX-License-Identifier: MIT
// How often something took how long: counts in fixed buckets, and the sum. A plain value, without
// memory of its own beyond it; adding is a search among at most 15 bounds.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace superd {

using Microseconds = std::chrono::microseconds;

/// The scales that superd measures by: upper bounds, inclusive, ascending. Whatever is above the
/// last has a bucket, too.
inline constexpr Microseconds latency_scale[] = {
    Microseconds(50),        Microseconds(100),     Microseconds(250),     Microseconds(500),
    Microseconds(1'000),     Microseconds(2'500),   Microseconds(5'000),   Microseconds(10'000),
    Microseconds(25'000),    Microseconds(100'000), Microseconds(250'000), Microseconds(1'000'000),
    Microseconds(10'000'000)};
inline constexpr Microseconds duration_scale[] = {Microseconds(10'000),    Microseconds(100'000),
                                                  std::chrono::seconds(1), std::chrono::seconds(10),
                                                  std::chrono::minutes(1), std::chrono::minutes(10),
                                                  std::chrono::hours(1),   std::chrono::hours(24)};

class Histogram {
 public:
  static constexpr std::size_t most_bounds = 15;

  /// One count; `bound` is absent in the last, for what is above all bounds.
  struct Bucket {
    std::optional<Microseconds> bound;
    std::uint64_t count = 0;
  };

  /// `scale`: one of the above, or another that outlives this; at most `most_bounds`.
  explicit Histogram(std::span<const Microseconds> scale) : scale_(scale) {}

  /// What was saved with another scale goes to the buckets that its bounds belong to: counts and
  /// sum stay true, and no value is counted below where it was.
  Histogram(std::span<const Microseconds> scale, std::span<const Bucket> saved, Microseconds sum);

  /// Less than nothing counts as nothing.
  void add(Microseconds value);

  /// Adds what `other`, of the same scale, has counted.
  void add(const Histogram& other);

  std::uint64_t count() const;
  Microseconds sum() const { return sum_; }

  /// What each bucket has itself.
  std::vector<Bucket> buckets() const;
  /// What each bucket and all below it have, as OpenMetrics wants it; the last has count().
  std::vector<Bucket> cumulative() const;

 private:
  std::size_t bucket_of(Microseconds value) const;

  std::span<const Microseconds> scale_;
  std::array<std::uint64_t, most_bounds + 1> counts_{};
  Microseconds sum_{0};
};

}  // namespace superd
