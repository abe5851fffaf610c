// SPDX-License-Identifier: MIT
// Names and sources become keyed hashes; what runs is counted exactly, what has run in buckets.
#include "superd/core/ledger.hpp"

#include <algorithm>
#include <cstring>

#include "superd/base/overloaded.hpp"

namespace superd {
namespace {

// Wider than what one customer gets, so that a flood from one network stays in its own cells.
constexpr unsigned wide_v4 = 16, wide_v6 = 32;

SourceId neighbourhood_of(const SourceId& source) {
  const auto* network = std::get_if<Network>(&source);
  if (network == nullptr) return source;
  const unsigned wide = network->address.v6 ? wide_v6 : wide_v4;
  return network_of(network->address, std::min<unsigned>(wide, network->length));
}

Milliseconds rounded_up(Microseconds time) { return std::chrono::ceil<Milliseconds>(time); }

}  // namespace

SourceId source_of(const Limits& limits, const Peer& peer) {
  return std::visit(
      Overloaded{[&](const InetPeer& inet) -> SourceId {
                   return source_of(limits.source_prefix, inet.remote.address);
                 },
                 [](const UnixPeer& local) -> SourceId { return local.uid; },
                 [](const VsockPeer& vsock) -> SourceId { return VsockCid{vsock.cid}; },
                 [](const UnseenPeer&) -> SourceId { return Network{}; }},
      peer);
}

std::string to_text(const SourceId& source) {
  return std::visit(Overloaded{[](const Network& network) { return to_text(network); },
                               [](uid_t uid) { return "uid:" + std::to_string(uid); },
                               [](VsockCid cid) { return "vsock:" + std::to_string(cid.number); }},
                    source);
}

Microseconds Ledger::moment(Monotonic now) const {
  const auto time = std::chrono::duration_cast<Microseconds>(now.time_since_epoch());
  return std::max(time, latest_);
}

std::uint64_t Ledger::hash_of(std::uint64_t service, const SourceId& source) const {
  char bytes[8 + 16 + 4 + 2] = {};
  std::memcpy(bytes, &service, 8);
  if (const auto* network = std::get_if<Network>(&source)) {
    std::memcpy(bytes + 8, network->address.bytes.data(), 16);
    std::memcpy(bytes + 24, &network->address.scope, 4);
    bytes[28] = static_cast<char>(network->length);
    bytes[29] = network->address.v6 ? 2 : 1;
  } else if (const auto* cid = std::get_if<VsockCid>(&source)) {
    std::memcpy(bytes + 8, &cid->number, sizeof cid->number);
    bytes[29] = 3;
  } else {
    std::memcpy(bytes + 8, &std::get<uid_t>(source), sizeof(uid_t));
  }
  return keyed_hash(key_, {bytes, sizeof bytes});
}

SourceBuckets::Who Ledger::who_is(std::string_view service, const SourceId& source) const {
  const std::uint64_t name = keyed_hash(key_, service);
  return {hash_of(name, source), hash_of(name, neighbourhood_of(source)), name};
}

Usage Ledger::usage(std::string_view service, const Limits& limits, const SourceId& source,
                    Monotonic now) const {
  Usage usage;
  const Microseconds time = moment(now);
  if (const auto counts = services_.find(service); counts != services_.end()) {
    usage.instances = counts->second.running;
    if (limits.rate) usage.rate = rounded_up(counts->second.bucket.wait(*limits.rate, time));
  }
  const SourceBuckets::Who who = who_is(service, source);
  const auto count = per_source_.find(who.source);
  if (count != per_source_.end()) usage.per_source = count->second;
  if (limits.rate_per_source) {
    usage.rate_per_source =
        rounded_up(sources_.find(who, time).wait(*limits.rate_per_source, time));
  }
  return usage;
}

void Ledger::begin(std::string_view service, const Limits& limits, const SourceId& source,
                   Monotonic now) {
  latest_ = moment(now);
  if (services_.size() >= sweep_at_) forget_idle(latest_);
  resume(service, source);
  if (limits.rate) services_.find(service)->second.bucket.spend(*limits.rate, latest_);
  if (limits.rate_per_source) {
    sources_.spend(who_is(service, source), *limits.rate_per_source, latest_);
  }
}

void Ledger::resume(std::string_view service, const SourceId& source) {
  auto counts = services_.find(service);
  if (counts == services_.end()) counts = services_.emplace(service, Counts{}).first;
  ++counts->second.running;
  ++running_;
  // Whether there is such a limit or not: one may be set while it runs.
  ++per_source_[who_is(service, source).source];
}

void Ledger::end(std::string_view service, const SourceId& source) {
  const auto counts = services_.find(service);
  const auto count = per_source_.find(who_is(service, source).source);
  if (counts == services_.end() || count == per_source_.end()) return;
  --counts->second.running;
  --running_;
  if (--count->second == 0) per_source_.erase(count);
}

std::uint32_t Ledger::running(std::string_view service) const {
  const auto counts = services_.find(service);
  return counts == services_.end() ? 0 : counts->second.running;
}

// Names come from tables, which change: those that nothing is known of any more are let go.
void Ledger::forget_idle(Microseconds now) {
  std::erase_if(services_, [&](const auto& one) {
    return one.second.running == 0 && one.second.bucket.is_full(now);
  });
  sweep_at_ = std::max<std::size_t>(64, 2 * services_.size());
}

}  // namespace superd
