// SPDX-License-Identifier: MIT
// Histograms: the index of a bucket is the number of bounds below the value.
#include "superd/core/histogram.hpp"

#include <algorithm>
#include <numeric>

namespace superd {

Histogram::Histogram(std::span<const Microseconds> scale, std::span<const Bucket> saved,
                     Microseconds sum)
    : scale_(scale), sum_(std::max(sum, Microseconds(0))) {
  for (const Bucket& one : saved)
    counts_[one.bound ? bucket_of(*one.bound) : scale_.size()] += one.count;
}

std::size_t Histogram::bucket_of(Microseconds value) const {
  return static_cast<std::size_t>(std::lower_bound(scale_.begin(), scale_.end(), value) -
                                  scale_.begin());
}

void Histogram::add(Microseconds value) {
  value = std::max(value, Microseconds(0));
  ++counts_[bucket_of(value)];
  sum_ += value;
}

void Histogram::add(const Histogram& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  sum_ += other.sum_;
}

std::uint64_t Histogram::count() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
  std::vector<Bucket> all;
  all.reserve(scale_.size() + 1);
  for (std::size_t i = 0; i < scale_.size(); ++i) all.push_back({scale_[i], counts_[i]});
  all.push_back({std::nullopt, counts_[scale_.size()]});
  return all;
}

std::vector<Histogram::Bucket> Histogram::cumulative() const {
  auto all = buckets();
  for (std::size_t i = 1; i < all.size(); ++i) all[i].count += all[i - 1].count;
  return all;
}

}  // namespace superd
