// SPDX-License-Identifier: MIT
// The pipe behind a handler's stderr.
#include "superd/os/log_pipe.hpp"

#include <sys/stat.h>

#include <cerrno>

#include "superd/os/descriptors.hpp"
#include "tests/patience.hpp"
#include "tests/telling.hpp"

using namespace superd;

TEST_CASE("a log pipe is high and close-on-exec; reading never blocks, writing does") {
  auto pipe = open_log_pipe(std::nullopt);
  REQUIRE(pipe);
  for (const int end : {pipe->read_end.get(), pipe->write_end.get()}) {
    CHECK(end >= first_high_descriptor);
    CHECK(closes_on_exec(end));
  }
  CHECK(!blocks(pipe->read_end.get()));
  CHECK(blocks(pipe->write_end.get()));

  char byte = 0;
  CHECK(read(pipe->read_end.get(), &byte, 1) < 0);
  CHECK(errno == EAGAIN);
  CHECK(send_text(pipe->write_end.get(), "x"));
  CHECK(read(pipe->read_end.get(), &byte, 1) == 1);
  pipe->write_end.reset();
  CHECK(read(pipe->read_end.get(), &byte, 1) == 0);
}

TEST_CASE("its owner is the service's user") {
  const uid_t user = geteuid() == 0 ? 12345 : geteuid();
  const auto pipe = open_log_pipe(user);
  REQUIRE(pipe);
  struct stat found {};
  REQUIRE(fstat(pipe->write_end.get(), &found) == 0);
  CHECK(found.st_uid == user);
  if (geteuid() == 0) return;
  const auto refused = open_log_pipe(geteuid() + 1);
  REQUIRE(!refused);
  CHECK(refused.error().text == "give the log pipe to its user: Operation not permitted");
}

TEST_CASE("what goes to /dev/null is gone") {
  const auto null = open_null();
  REQUIRE(null);
  CHECK(null->get() >= first_high_descriptor);
  CHECK(closes_on_exec(null->get()));
  CHECK(send_text(null->get(), "gone"));
}
