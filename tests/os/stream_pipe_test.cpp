// SPDX-License-Identifier: MIT
// From one socket to another without a copy.
#include "superd/os/stream_pipe.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <string>

#include "tests/catch.hpp"
#include "tests/patience.hpp"
#include "tests/telling.hpp"

using namespace superd;

TEST_CASE("bytes go through, and where there are none nobody waits") {
  int from[2], to[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, from) == 0);
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, to) == 0);
  const UniqueFd a(from[0]), b(from[1]), c(to[0]), d(to[1]);
  const StreamPipe pipe = open_stream_pipe(65536).value();
  CHECK(closes_on_exec(pipe.read_end.get()));
  CHECK(closes_on_exec(pipe.write_end.get()));
  CHECK(splice_bytes(b.get(), pipe.write_end.get(), 65536) == -1);
  CHECK(errno == EAGAIN);
  REQUIRE(send(a.get(), "hello", 5, 0) == 5);
  CHECK(splice_bytes(b.get(), pipe.write_end.get(), 65536) == 5);
  CHECK(splice_bytes(pipe.read_end.get(), c.get(), 5) == 5);
  std::string got(10, '\0');
  CHECK(recv(d.get(), got.data(), got.size(), 0) == 5);
  CHECK(got.substr(0, 5) == "hello");
}
