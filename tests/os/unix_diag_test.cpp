// SPDX-License-Identifier: MIT
// Who waits at a UNIX socket, and who doesn't any more.
#include "superd/os/unix_diag.hpp"

#include <sys/socket.h>
#include <sys/stat.h>

#include "superd/os/socket.hpp"
#include "superd/os/socket_address.hpp"
#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

UniqueFd connected_to(const BindAddress& address, int type) {
  UniqueFd client(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  const KernelAddress kernel = to_kernel(address);
  if (connect(client.get(), kernel.get(), kernel.length) != 0)
    throw std::runtime_error(errno_text(errno));
  return client;
}

std::string inode_of(int fd) {
  struct stat found {};
  fstat(fd, &found);
  return std::to_string(found.st_ino);
}

}  // namespace

TEST_CASE("those who wait at a UNIX socket are told apart") {
  const auto kind = GENERATE(UnixKind::stream, UnixKind::seqpacket);
  const Scratch scratch;
  const BindAddress address = UnixAddress{scratch / "s", false, kind};
  const auto listening = open_listener({address, {}, {}});
  REQUIRE(listening);
  const auto nobody = who_waits_at_unix(listening->get());
  if (!nobody && nobody.error().number == ENOENT) return skipped("this kernel has no unix_diag");
  REQUIRE(nobody);
  CHECK(nobody->empty());
  const int type = kind == UnixKind::stream ? SOCK_STREAM : SOCK_SEQPACKET;
  const UniqueFd first = connected_to(address, type), second = connected_to(address, type);
  CHECK(who_waits_at_unix(listening->get()).value() ==
        std::set<std::string>{inode_of(first.get()), inode_of(second.get())});
  const UniqueFd accepted(accept(listening->get(), nullptr, nullptr));
  CHECK(who_waits_at_unix(listening->get()).value() ==
        std::set<std::string>{inode_of(second.get())});
}

TEST_CASE("what is no UNIX socket has nobody waiting") {
  const UniqueFd other(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK(!who_waits_at_unix(other.get()));
  CHECK(!who_waits_at_unix(-1));
}
