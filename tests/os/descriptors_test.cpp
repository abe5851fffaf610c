// SPDX-License-Identifier: MIT
// Where descriptors live.
#include "superd/os/descriptors.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "tests/fork.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

UniqueFd null() { return UniqueFd(open("/dev/null", O_RDWR | O_CLOEXEC)); }

bool is_null(int fd) {
  struct stat here {
  }, there{};
  return fstat(fd, &here) == 0 && stat("/dev/null", &there) == 0 && here.st_rdev == there.st_rdev;
}

}  // namespace

TEST_CASE("a descriptor has one owner") {
  UniqueFd first = null();
  const int fd = first.get();
  UniqueFd second = std::move(first);
  CHECK(!first);
  CHECK(second.get() == fd);
  second = std::move(second);
  CHECK(is_open(fd));
  second = UniqueFd();
  CHECK(!is_open(fd));
  const UniqueFd released(null().release());
  CHECK(is_open(released.get()));
}

TEST_CASE("a moved descriptor is high, close-on-exec, and the only one") {
  UniqueFd low = null();
  const int before = low.get();
  auto high = moved_high(std::move(low));
  REQUIRE(high);
  CHECK(high->get() >= first_high_descriptor);
  CHECK(closes_on_exec(high->get()));
  CHECK(!is_open(before));
}

TEST_CASE("without room above, moving fails and says so") {
  CHECK(in_a_child([] {
          const rlimit few{first_high_descriptor, first_high_descriptor};
          if (setrlimit(RLIMIT_NOFILE, &few) != 0) return 1;
          UniqueFd low = null();
          const int before = low.get();
          const auto high = moved_high(std::move(low));
          if (high) return 2;
          if (is_open(before)) return 3;
          return high.error().number == EMFILE || high.error().number == EINVAL ? 0 : 4;
        }) == 0);
}

TEST_CASE("closed standard descriptors are filled with /dev/null, open ones stay") {
  CHECK(in_a_child([] {
          int ends[2];
          if (pipe(ends) != 0) return 1;
          dup2(ends[1], 1);
          close(0);
          close(2);
          fill_standard_descriptors();
          if (!is_null(0) || !is_null(2)) return 2;
          if (is_null(1)) return 3;
          const UniqueFd next = null();
          return next.get() > ends[1] ? 0 : 4;  // nothing more was opened
        }) == 0);
}

TEST_CASE("the descriptor limit is raised to the hard one, and what it was is told") {
  CHECK(in_a_child([] {
          const rlimit start{100, 200};
          if (setrlimit(RLIMIT_NOFILE, &start) != 0) return 1;
          const rlimit told = raise_descriptor_limit();
          rlimit now{};
          getrlimit(RLIMIT_NOFILE, &now);
          if (told.rlim_cur != 100 || told.rlim_max != 200) return 2;
          return now.rlim_cur == 200 && now.rlim_max == 200 ? 0 : 3;
        }) == 0);
}
