// SPDX-License-Identifier: MIT
// What processes use: of others, of oneself, and of one that nobody may look into.
#include "superd/os/process_usage.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <vector>

#include "superd/os/fd.hpp"
#include "tests/fork.hpp"
#include "tests/os/launching.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

constexpr std::uint64_t large = 64 * 1024 * 1024;

std::size_t opened_more(std::size_t count) {
  const auto before = own_usage().open_descriptors;
  std::vector<UniqueFd> files;
  for (std::size_t i = 0; i < count; ++i) files.push_back(nowhere());
  return own_usage().open_descriptors - before;
}

void burn(Milliseconds cpu) {
  rusage used{};
  do {
    getrusage(RUSAGE_SELF, &used);
  } while (used.ru_utime.tv_sec * 1000 + used.ru_utime.tv_usec / 1000 < cpu.count());
}

}  // namespace

TEST_CASE("a process may call itself what it likes") {
  for (const char* name : {"plain", "a b", ") R 1 2", "((", "x) "}) {
    CAPTURE(name);
    CHECK(in_a_child([name] {
            prctl(PR_SET_NAME, name);
            const auto usage = usage_of(getpid());
            return usage && usage->resident_memory > 100'000 && usage->cpu.count() < 60'000 ? 0 : 1;
          }) == 0);
  }
}

TEST_CASE("memory and CPU time are those of now") {
  CHECK(in_a_child([] {
          const auto before = usage_of(getpid());
          if (!before) return 1;
          const std::vector<char> memory(large, 'x');
          burn(before->cpu + Milliseconds(60));
          const auto after = usage_of(getpid());
          if (!after || after->resident_memory < before->resident_memory + large / 2) return 2;
          return (after->cpu - before->cpu).count() >= 30 ? 0 : 3;
        }) == 0);
}

TEST_CASE("a handler is asked while it runs, after its end, and when it is reaped") {
  Launches launches;
  SocketPair pair;
  const pid_t pid = launches.start(plan_of({"/bin/cat"}), pair.server.get());
  pair.server.reset();
  CHECK(send_text(pair.client.get(), "there\n"));
  CHECK(read_until(pair.client.get(), "\n") == "there\n");
  const auto running = usage_of(pid);
  REQUIRE(running.has_value());
  CHECK(running->resident_memory > 100'000);
  CHECK(running->resident_memory < large);
  shutdown(pair.client.get(), SHUT_WR);
  CHECK(comes_true([&] { return ended_child(pid).has_value(); }));
  const auto left = usage_of(pid);
  REQUIRE(left.has_value());
  CHECK(left->resident_memory == 0);
  ended(pid);
  CHECK(!usage_of(pid));
}

TEST_CASE("superd's own memory, descriptors and their limit") {
  const OwnUsage own = own_usage();
  CHECK(own.process.resident_memory > 100'000);
  CHECK(own.open_descriptors >= 3);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  CHECK(own.descriptor_limit == limit.rlim_cur);
  CHECK(opened_more(17) == 17);
}

// As root superd is, and /proc/self/fd belongs to root then.
TEST_CASE("a process that can't be traced still counts its own descriptors") {
  CHECK(in_a_child([] {
          if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) return 1;
          if (prctl(PR_SET_DUMPABLE, 0) != 0) return 2;
          if (own_usage().process.resident_memory == 0) return 3;
          return opened_more(17) == 17 ? 0 : 4;
        }) == 0);
  CHECK(in_a_child([] {
          if (prctl(PR_SET_DUMPABLE, 0) != 0) return 2;
          return own_usage().process.resident_memory > 0 && opened_more(17) == 17 ? 0 : 3;
        }) == 0);
}
