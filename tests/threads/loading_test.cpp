// SPDX-License-Identifier: MIT
// A table is read while another one is: what a reload does beside the serving loop. With the real
// machine, whose look-ups must be fit for it.
#include <thread>

#include "superd/config/emit.hpp"
#include "superd/config/load.hpp"
#include "superd/config/override.hpp"
#include "superd/os/this_host.hpp"
#include "tests/catch.hpp"
#include "tests/scratch.hpp"

using namespace superd;

namespace {

// What each thread finds out, the same each time.
std::string told(const std::string& path, const ThisHost& host) {
  const Loaded loaded = load(path, host);
  if (!loaded.table) return "not loaded";
  const auto changed = overridden(*loaded.table->services.at(0), "timeout", "5s", host);
  return emit_yaml(*loaded.table) + (changed ? emit_json({0, {}, {*changed}, {}}) : "refused");
}

}  // namespace

TEST_CASE("tables are read by several threads at once") {
  const Scratch scratch;
  const ThisHost host;
  const std::string text = "daemon: {control_access: {read: [root, \"@root\"]}}\nservices:\n";
  std::string services;
  for (int i = 0; i < 20; ++i) {
    services.append("  s").append(std::to_string(i)).append(": {listen: localhost:");
    services.append(std::to_string(7000 + i)).append(", run: cat, timeout: 1s}\n");
  }
  const std::string good = scratch.file("good.yaml", text + services);
  const std::string other = scratch.file("other.yaml", text + services + "  bad: {}\n");
  const std::string expected = told(good, host);
  CHECK(expected.find("s19") != std::string::npos);

  std::vector<std::string> all(4);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < all.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 5; ++round) all[i] = told(i % 2 == 0 ? good : other, host);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(all == std::vector<std::string>{expected, "not loaded", expected, "not loaded"});
}
