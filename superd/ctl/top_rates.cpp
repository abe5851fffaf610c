// SPDX-License-Identifier: MIT
// Differences of counts over time.
#include "superd/ctl/top_rates.hpp"

#include <algorithm>
#include <map>

#include "superd/base/text.hpp"
#include "superd/ctl/status_text.hpp"

namespace superd {
namespace {

double rate(std::int64_t now, std::int64_t before, Milliseconds between) {
  if (now <= before || between <= Milliseconds(0)) return 0;
  return static_cast<double>(now - before) * 1000 / static_cast<double>(between.count());
}

TopService service_of(const Json& json) {
  TopService service;
  service.name = text_of(json, "name");
  service.state = escape(text_of(json, "state"));
  service.addresses = addresses_text(json);
  service.running = number_of(json, "running");
  service.started = number_of(json, "started");
  service.refused = refused_sum(json);
  service.failed = number_of(json, "failed");
  return service;
}

TopConnection connection_of(const Json& json) {
  TopConnection one;
  one.connection = number_of(json, "connection");
  one.pid = number_of(json, "pid");
  one.service = escape(text_of(json, "service"));
  one.peer = escape(text_of(json, "peer"));
  one.state = escape(text_of(json, "state"));
  one.age = Milliseconds(number_of(json, "age_ms"));
  one.cpu = Milliseconds(number_of(json, "cpu_ms"));
  one.memory = static_cast<std::uint64_t>(std::max<std::int64_t>(0, number_of(json, "memory")));
  return one;
}

// Of the rows before, found by what names them.
template <class Key, class Row>
std::map<Key, const Row*> index(const std::vector<Row>& rows, Key Row::*key) {
  std::map<Key, const Row*> found;
  for (const Row& row : rows) found.emplace(row.*key, &row);
  return found;
}

}  // namespace

TopLook top_look(const Json& status, const Json& ps) {
  TopLook look;
  look.daemon = member(status, "daemon");
  for (const Json& one : member(status, "services")) look.services.push_back(service_of(one));
  for (const Json& one : member(ps, "connections")) look.connections.push_back(connection_of(one));
  return look;
}

void add_rates(TopLook& now, const TopLook& before, Milliseconds between) {
  if (text_of(now.daemon, "started") != text_of(before.daemon, "started")) return;
  const auto services = index(before.services, &TopService::name);
  for (TopService& one : now.services) {
    const auto found = services.find(one.name);
    const TopService then = found == services.end() ? TopService{} : *found->second;
    one.started_per_second = rate(one.started, then.started, between);
    one.refused_per_second = rate(one.refused, then.refused, between);
    now.refused_per_second += one.refused_per_second;
  }
  const auto connections = index(before.connections, &TopConnection::connection);
  for (TopConnection& one : now.connections) {
    const auto found = connections.find(one.connection);
    const bool same = found != connections.end() && found->second->pid == one.pid;
    const Milliseconds then = same ? found->second->cpu : Milliseconds(0);
    const Milliseconds span = same ? between : std::min(between, one.age);
    one.processors = rate(one.cpu.count(), then.count(), span) / 1000;
  }
  now.connections_per_second =
      rate(number_of(now.daemon, "connections"), number_of(before.daemon, "connections"), between);
}

}  // namespace superd
