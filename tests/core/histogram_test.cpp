// SPDX-License-Identifier: MIT
// Buckets, sums, and what becomes of them on another scale.
#include "superd/core/histogram.hpp"

#include <algorithm>

#include "tests/catch.hpp"

using namespace superd;
using std::chrono::milliseconds;

namespace {

constexpr Microseconds scale[] = {milliseconds(1), milliseconds(10), milliseconds(100)};

std::vector<std::uint64_t> counts(const std::vector<Histogram::Bucket>& buckets) {
  std::vector<std::uint64_t> counts;
  for (const auto& one : buckets) counts.push_back(one.count);
  return counts;
}

using Counts = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("a value is counted in the first bucket whose bound isn't below it") {
  struct Row {
    Microseconds value;
    Counts counts;
  };
  const Row row = GENERATE(values<Row>({
      {Microseconds(-1), {1, 0, 0, 0}},
      {Microseconds(0), {1, 0, 0, 0}},
      {Microseconds(1000), {1, 0, 0, 0}},
      {Microseconds(1001), {0, 1, 0, 0}},
      {milliseconds(10), {0, 1, 0, 0}},
      {milliseconds(100), {0, 0, 1, 0}},
      {Microseconds(100'001), {0, 0, 0, 1}},
      {std::chrono::hours(100'000), {0, 0, 0, 1}},
  }));
  CAPTURE(row.value.count());
  Histogram histogram(scale);
  histogram.add(row.value);
  CHECK(counts(histogram.buckets()) == row.counts);
  CHECK(histogram.sum() == std::max(row.value, Microseconds(0)));
  CHECK(histogram.count() == 1);
}

TEST_CASE("an empty histogram has its buckets, all zero") {
  const Histogram histogram(scale);
  CHECK(counts(histogram.buckets()) == Counts{0, 0, 0, 0});
  CHECK(counts(histogram.cumulative()) == Counts{0, 0, 0, 0});
  CHECK(histogram.sum() == Microseconds(0));
}

TEST_CASE("cumulative buckets have all below them; only the last has no bound") {
  Histogram histogram(scale);
  for (const int ms : {1, 1, 5, 50, 500, 5000}) histogram.add(milliseconds(ms));
  const auto buckets = histogram.cumulative();
  CHECK(counts(buckets) == Counts{2, 3, 4, 6});
  CHECK(histogram.count() == 6);
  CHECK(buckets[2].bound == milliseconds(100));
  CHECK(!buckets[3].bound);
}

TEST_CASE("histograms of one scale are added up, and are values") {
  Histogram first(scale), second(scale);
  first.add(milliseconds(1));
  second.add(milliseconds(1));
  second.add(milliseconds(200));
  const Histogram before = first;
  first.add(second);
  CHECK(counts(first.buckets()) == Counts{2, 0, 0, 1});
  CHECK(first.sum() == milliseconds(202));
  CHECK(before.count() == 1);
}

TEST_CASE("what was saved is what it was") {
  Histogram histogram(scale);
  for (const int ms : {1, 5, 500}) histogram.add(milliseconds(ms));
  const Histogram again(scale, histogram.buckets(), histogram.sum());
  CHECK(counts(again.buckets()) == Counts{1, 1, 0, 1});
  CHECK(again.sum() == milliseconds(506));
}

TEST_CASE("what was saved on another scale keeps count and sum") {
  const Histogram::Bucket saved[] = {
      {Microseconds(10), 1}, {milliseconds(7), 2}, {milliseconds(100), 4}, {std::nullopt, 8}};
  const Histogram histogram(scale, saved, milliseconds(9000));
  CHECK(counts(histogram.buckets()) == Counts{1, 2, 4, 8});
  CHECK(histogram.sum() == milliseconds(9000));
  CHECK(Histogram(scale, {}, Microseconds(-5)).sum() == Microseconds(0));
}

TEST_CASE("superd's scales ascend and have room") {
  for (const std::span<const Microseconds> one : {std::span<const Microseconds>(latency_scale),
                                                  std::span<const Microseconds>(duration_scale)}) {
    CHECK(one.size() <= Histogram::most_bounds);
    CHECK(std::is_sorted(one.begin(), one.end(), std::less_equal<>()));
  }
}
