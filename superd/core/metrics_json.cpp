// SPDX-License-Identifier: MIT
// Metrics as JSON, for an upgrade in place. Two tables name the plain counts; writing and reading
// go by the same tables, so that they can't disagree.
#include <nlohmann/json.hpp>

#include "superd/core/metrics.hpp"

namespace superd {
namespace {

using Json = nlohmann::json;

template <class T>
struct Count {
  const char* name;
  std::uint64_t T::*member;
};

constexpr Count<ServiceMetrics> service_counts[] = {
    {"started", &ServiceMetrics::started},     {"fine", &ServiceMetrics::fine},
    {"failed", &ServiceMetrics::failed},       {"by_signal", &ServiceMetrics::by_signal},
    {"running", &ServiceMetrics::running},     {"bytes_in", &ServiceMetrics::bytes_in},
    {"bytes_out", &ServiceMetrics::bytes_out},
};
constexpr Count<DaemonMetrics> daemon_counts[] = {
    {"connections", &DaemonMetrics::connections},
    {"pauses", &DaemonMetrics::pauses},
    {"reloads", &DaemonMetrics::reloads},
    {"failed_reloads", &DaemonMetrics::failed_reloads},
    {"upgrades", &DaemonMetrics::upgrades},
};

struct NamedTally {
  const char* name;
  Tally ServiceMetrics::*member;
};

constexpr NamedTally service_tallies[] = {
    {"launch_failures", &ServiceMetrics::launch_failures},
    {"stops", &ServiceMetrics::stops},
    {"refusals", &ServiceMetrics::refusals},
    {"forward_ends", &ServiceMetrics::forward_ends},
};

// Where a value isn't what it should be, there is none.
const Json& member(const Json& object, const char* name) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(name);
  return found == object.end() ? nothing : *found;
}

std::uint64_t number(const Json& json) {
  return json.is_number_unsigned() ? json.get<std::uint64_t>() : 0;
}

template <class T, std::size_t n>
Json write_counts(const T& from, const Count<T> (&counts)[n]) {
  Json json = Json::object();
  for (const auto& one : counts) json[one.name] = from.*one.member;
  return json;
}

template <class T, std::size_t n>
void read_counts(const Json& json, const Count<T> (&counts)[n], T& to) {
  for (const auto& one : counts) to.*one.member = number(member(json, one.name));
}

Json write(const Histogram& histogram) {
  Json buckets = Json::array();
  for (const auto& one : histogram.buckets()) {
    Json bound;  // null: above all
    if (one.bound) bound = one.bound->count();
    buckets.push_back({bound, one.count});
  }
  return {{"sum_us", histogram.sum().count()}, {"buckets", buckets}};
}

Histogram read_histogram(const Json& json, std::span<const Microseconds> scale) {
  std::vector<Histogram::Bucket> buckets;
  for (const Json& one : member(json, "buckets")) {
    if (!one.is_array() || one.size() != 2) continue;
    if (one[0].is_null())
      buckets.push_back({std::nullopt, number(one[1])});
    else if (one[0].is_number_unsigned())
      buckets.push_back({Microseconds(one[0].get<Microseconds::rep>()), number(one[1])});
  }
  const Json& sum = member(json, "sum_us");
  return {scale, buckets,
          Microseconds(sum.is_number_unsigned() ? sum.get<Microseconds::rep>() : 0)};
}

Json write(const ServiceMetrics& service) {
  Json json = write_counts(service, service_counts);
  for (const auto& one : service_tallies) json[one.name] = service.*one.member;
  if (service.last_used)
    json["last_used_us"] =
        std::chrono::duration_cast<Microseconds>(service.last_used->time_since_epoch()).count();
  json["durations"] = write(service.durations);
  return json;
}

ServiceMetrics read_service(const Json& json) {
  ServiceMetrics service;
  read_counts(json, service_counts, service);
  for (const auto& one : service_tallies) {
    const Json& tally = member(json, one.name);
    if (!tally.is_object()) continue;
    for (const auto& [name, value] : tally.items()) (service.*one.member)[name] = number(value);
  }
  const Json& used = member(json, "last_used_us");
  if (used.is_number_integer())
    service.last_used = WallTime(Microseconds(used.get<Microseconds::rep>()));
  service.durations = read_histogram(member(json, "durations"), duration_scale);
  return service;
}

}  // namespace

std::string Metrics::save() const {
  Json services = Json::object();
  for (const auto& [name, service] : services_) services[name] = write(service);
  const Json all{{"daemon", write_counts(daemon_, daemon_counts)},
                 {"launch_latency", write(launch_latency())},
                 {"dropped_lines", dropped_lines()},
                 {"services", std::move(services)}};
  return all.dump(-1, ' ', true, Json::error_handler_t::replace);
}

Result<Metrics> Metrics::restored(std::string_view json) {
  const Json all = Json::parse(json, nullptr, false);
  if (!all.is_object()) return Error{"the counts that were handed over are no JSON object"};
  Metrics metrics;
  read_counts(member(all, "daemon"), daemon_counts, metrics.daemon_);
  metrics.earlier_.launch_latency = read_histogram(member(all, "launch_latency"), latency_scale);
  metrics.earlier_.dropped_lines = number(member(all, "dropped_lines"));
  const Json& services = member(all, "services");
  if (services.is_object())
    for (const auto& [name, service] : services.items())
      metrics.services_.emplace(name, read_service(service));
  return metrics;
}

}  // namespace superd
