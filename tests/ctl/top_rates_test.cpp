// SPDX-License-Identifier: MIT
// Rates from two looks.
#include "superd/ctl/top_rates.hpp"

#include "tests/catch.hpp"
#include "tests/ctl/answering.hpp"

using namespace superd;
using namespace std::chrono_literals;

namespace {

TopLook look(const std::string& service, const std::string& connection,
             const std::string& daemon = "{}") {
  return top_look({{"daemon", daemon_json(daemon)}, {"services", {service_json("a", service)}}},
                  {{"connections", {connection_json(1, connection)}}});
}

}  // namespace

TEST_CASE("rates are differences by the second") {
  const TopLook before =
      look(R"({"started":10,"refused":{"rate":1}})", R"({"cpu_ms":100})", R"({"connections":100})");
  TopLook now = look(R"({"started":15,"refused":{"rate":2,"access":3}})", R"({"cpu_ms":1100})",
                     R"({"connections":140})");
  add_rates(now, before, 2s);
  CHECK(now.services[0].started_per_second == 2.5);
  CHECK(now.services[0].refused_per_second == 2);
  CHECK(now.refused_per_second == 2);
  CHECK(now.connections_per_second == 20);
  CHECK(now.connections[0].processors == 0.5);
}

TEST_CASE("counts of another superd, or that went down, give no rate") {
  const TopLook before = look(R"({"started":10})", R"({"cpu_ms":100})");
  TopLook down = look(R"({"started":3})", R"({"cpu_ms":20})");
  add_rates(down, before, 1s);
  CHECK(down.services[0].started_per_second == 0);
  CHECK(down.connections[0].processors == 0);
  TopLook restarted =
      look(R"({"started":99})", "{}", R"({"started":"2026-11-22T11:00:00.000+0000"})");
  add_rates(restarted, before, 1s);
  CHECK(restarted.services[0].started_per_second == 0);
}

TEST_CASE("no time between two looks gives no rate") {
  const TopLook before = look(R"({"started":1})", "{}");
  TopLook now = look(R"({"started":9})", "{}");
  add_rates(now, before, 0ms);
  CHECK(now.services[0].started_per_second == 0);
}

TEST_CASE("a connection that began since the last look counts by its age") {
  const TopLook before = look("{}", R"({"connection":9})");
  TopLook now = look("{}", R"({"cpu_ms":500,"age_ms":500})");
  add_rates(now, before, 1s);
  CHECK(now.connections[0].processors == 1);
}
