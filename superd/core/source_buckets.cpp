// SPDX-License-Identifier: MIT
// A table of sets that doubles until it is as large as it may be; then count-min cells with
// conservative update.
#include "superd/core/source_buckets.hpp"

#include <algorithm>
#include <bit>

namespace superd {
namespace {

constexpr std::size_t first_sets = 8;

}  // namespace

SourceBuckets::SourceBuckets(std::size_t most)
    : most_sets_(std::max(std::bit_floor(most / ways), std::size_t{1})) {}

TokenBucket SourceBuckets::find(const Who& who, Microseconds now) const {
  const Own* own = find_own(who.source);
  // A full bucket says nothing, and cells may know more of this source than it does.
  if (own != nullptr && !own->bucket.is_full(now)) return own->bucket;
  return find_shared(who, now);
}

void SourceBuckets::spend(const Who& who, const Rate& rate, Microseconds now) {
  forget_if_all_full(now);
  TokenBucket bucket = find(who, now);
  bucket.spend(rate, now);
  if (Own* own = find_place(who.source, now)) {
    *own = {who.source, bucket};
    full_at_ = std::max(full_at_, bucket.full_at);
  } else {
    spend_shared(who, bucket, now);
  }
}

const SourceBuckets::Own* SourceBuckets::find_own(std::uint64_t source) const {
  if (sets_.empty()) return nullptr;
  for (const Own& own : sets_[source & (sets_.size() - 1)]) {
    if (own.source == source) return &own;
  }
  return nullptr;
}

// The source's own place, or one that says nothing.
SourceBuckets::Own* SourceBuckets::find_place(std::uint64_t source, Microseconds now) {
  do {
    if (sets_.empty()) continue;
    Own* free = nullptr;
    for (Own& own : sets_[source & (sets_.size() - 1)]) {
      if (own.source == source) return &own;
      if (own.bucket.is_full(now)) free = &own;
    }
    if (free != nullptr) return free;
  } while (grow(now));
  return nullptr;
}

// Every set becomes two, so that all that was in it fits.
bool SourceBuckets::grow(Microseconds now) {
  if (sets_.size() >= most_sets_) return false;
  std::vector<Set> larger(sets_.empty() ? std::min(first_sets, most_sets_) : 2 * sets_.size());
  for (const Set& set : sets_) {
    for (const Own& own : set) {
      if (own.bucket.is_full(now)) continue;
      Set& target = larger[own.source & (larger.size() - 1)];
      *std::find_if(target.begin(), target.end(),
                    [&](const Own& place) { return place.bucket.is_full(now); }) = own;
    }
  }
  sets_ = std::move(larger);
  return true;
}

void SourceBuckets::forget_if_all_full(Microseconds now) {
  if (full_at_ > now || sets_.size() <= first_sets) return;
  sets_ = {};
  drop_full_shared(now);
}

SourceBuckets::Cells SourceBuckets::cells_of(const Who& who) {
  // Other bits than those that choose a set.
  return {who.source >> 32 & (width - 1), who.source >> 48 & (width - 1),
          who.neighbourhood & (width - 1)};
}

void SourceBuckets::drop_full_shared(Microseconds now) {
  for (auto& one : shared_) {
    if (one && one->full_at <= now) one.reset();
  }
}

TokenBucket SourceBuckets::find_shared(const Who& who, Microseconds now) const {
  if (shared_.empty()) return {};
  const auto& shared = shared_[who.service % most_shared];
  if (!shared || shared->full_at <= now) return {};
  const Cells cells = cells_of(who);
  TokenBucket least = shared->rows[0][cells[0]];
  for (std::size_t row = 1; row < cells.size(); ++row) {
    least.full_at = std::min(least.full_at, shared->rows[row][cells[row]].full_at);
  }
  return least;
}

void SourceBuckets::spend_shared(const Who& who, const TokenBucket& spent, Microseconds now) {
  shared_.resize(most_shared);
  drop_full_shared(now);
  auto& shared = shared_[who.service % most_shared];
  if (!shared) shared = std::make_unique<Shared>();
  const Cells cells = cells_of(who);
  for (std::size_t row = 0; row < cells.size(); ++row) {
    TokenBucket& cell = shared->rows[row][cells[row]];
    cell.full_at = std::max(cell.full_at, spent.full_at);
  }
  shared->full_at = std::max(shared->full_at, spent.full_at);
}

SourceBuckets::Saved SourceBuckets::save(Microseconds now) const {
  const auto number = [](const TokenBucket& bucket) {
    return static_cast<std::uint64_t>(bucket.full_at.count());
  };
  Saved saved;
  for (const Set& set : sets_) {
    for (const Own& own : set) {
      if (!own.bucket.is_full(now))
        saved.own.insert(saved.own.end(), {own.source, number(own.bucket)});
    }
  }
  for (std::size_t service = 0; service < shared_.size(); ++service) {
    if (!shared_[service] || shared_[service]->full_at <= now) continue;
    for (std::size_t cell = 0; cell < 3 * width; ++cell) {
      const TokenBucket& bucket = shared_[service]->rows[cell / width][cell % width];
      if (!bucket.is_full(now)) {
        saved.shared.insert(saved.shared.end(), {service, cell, number(bucket)});
      }
    }
  }
  return saved;
}

void SourceBuckets::restore(const Saved& saved, Microseconds now) {
  const auto moment = [](std::uint64_t number) {
    return Microseconds(static_cast<Microseconds::rep>(number));
  };
  for (std::size_t i = 0; i + 1 < saved.own.size(); i += 2) {
    Own* place = find_place(saved.own[i], now);
    if (place == nullptr) continue;
    *place = {saved.own[i], {moment(saved.own[i + 1])}};
    full_at_ = std::max(full_at_, place->bucket.full_at);
  }
  for (std::size_t i = 0; i + 2 < saved.shared.size(); i += 3) {
    const std::uint64_t service = saved.shared[i], cell = saved.shared[i + 1];
    if (service >= most_shared || cell >= 3 * width) continue;
    shared_.resize(most_shared);
    if (!shared_[service]) shared_[service] = std::make_unique<Shared>();
    TokenBucket& bucket = shared_[service]->rows[cell / width][cell % width];
    bucket.full_at = moment(saved.shared[i + 2]);
    shared_[service]->full_at = std::max(shared_[service]->full_at, bucket.full_at);
  }
}

std::size_t SourceBuckets::bytes() const {
  std::size_t sum = sets_.capacity() * sizeof(Set);
  sum += shared_.capacity() * sizeof(shared_[0]);
  for (const auto& one : shared_) sum += one ? sizeof(Shared) : 0;
  return sum;
}

std::size_t SourceBuckets::bound() const {
  return most_sets_ * sizeof(Set) + most_shared * (sizeof(Shared) + sizeof(shared_[0]));
}

}  // namespace superd
