// SPDX-License-Identifier: MIT
// What has been spent of rates, as it is handed to the next superd: moments of the machine's clock,
// and the key that sources are hashed with.
#include <nlohmann/json.hpp>

#include "superd/core/ledger.hpp"

namespace superd {
namespace {

using Json = nlohmann::json;
using Numbers = std::vector<std::uint64_t>;

bool are_numbers(const Json& json, std::size_t group) {
  if (!json.is_array() || json.size() % group != 0) return false;
  for (const Json& one : json) {
    if (!one.is_number_unsigned()) return false;
  }
  return true;
}

const Json& member(const Json& json, const char* name) {
  static const Json nothing;
  const auto at = json.find(name);
  return at == json.end() ? nothing : *at;
}

}  // namespace

std::string Ledger::save(Monotonic now) const {
  const Microseconds time = moment(now);
  Json services = Json::object();
  for (const auto& [name, counts] : services_) {
    if (!counts.bucket.is_full(time)) services[name] = counts.bucket.full_at.count();
  }
  const SourceBuckets::Saved sources = sources_.save(time);
  const Json all{{"key", Numbers{key_.first, key_.second}},
                 {"services", std::move(services)},
                 {"sources", sources.own},
                 {"shared", sources.shared}};
  return all.dump(-1, ' ', true, Json::error_handler_t::replace);
}

Result<void> Ledger::restore(std::string_view saved, Monotonic now) {
  if (saved.empty()) return {};
  const Json all = Json::parse(saved, nullptr, false);
  const Error fault{"what was handed over of rates makes no sense"};
  if (!all.is_object()) return fault;
  const Json &key = member(all, "key"), &services = member(all, "services"),
             &sources = member(all, "sources"), &shared = member(all, "shared");
  if (!are_numbers(key, 2) || key.size() != 2 || !services.is_object() ||
      !are_numbers(sources, 2) || !are_numbers(shared, 3)) {
    return fault;
  }
  for (const Json& one : services) {
    if (!one.is_number_unsigned()) return fault;
  }
  latest_ = moment(now);
  key_ = {key[0], key[1]};
  sources_.restore({sources.get<Numbers>(), shared.get<Numbers>()}, latest_);
  for (const auto& [name, full_at] : services.items()) {
    services_[name].bucket.full_at = Microseconds(full_at.get<Microseconds::rep>());
  }
  return {};
}

}  // namespace superd
