// SPDX-License-Identifier: MIT
// Paths of UNIX sockets: taken over, left alone, owned, removed.
#include "superd/os/unix_path.hpp"

#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "superd/os/socket.hpp"
#include "superd/os/socket_address.hpp"
#include "tests/patience.hpp"
#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

namespace fs = std::filesystem;

Listen on(const std::string& path, SocketOptions options = {}) {
  return {UnixAddress{path, false}, std::move(options), {}};
}

struct stat status_of(const std::string& path) {
  struct stat found {};
  lstat(path.c_str(), &found);
  return found;
}

bool can_connect(const std::string& path) {
  const UniqueFd client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const KernelAddress address = to_kernel(UnixAddress{path, false});
  return connect(client.get(), address.get(), address.length) == 0;
}

}  // namespace

TEST_CASE("a stale socket is taken over, a live one is left alone") {
  const Scratch scratch;
  const std::string path = scratch / "x.sock";
  { REQUIRE(open_listener(on(path))); }
  REQUIRE(fs::is_socket(path));
  CHECK(!can_connect(path));

  const auto second = open_listener(on(path));
  REQUIRE(second);
  CHECK(can_connect(path));

  const ino_t inode = status_of(path).st_ino;
  const auto third = open_listener(on(path));
  REQUIRE(!third);
  CHECK(third.error().number == EADDRINUSE);
  CHECK(status_of(path).st_ino == inode);
  CHECK(can_connect(path));
}

TEST_CASE("a live socket with a full backlog is left alone too") {
  const Scratch scratch;
  const std::string path = scratch / "x.sock";
  SocketOptions options;
  options.backlog = 0;
  const auto first = open_listener(on(path, options));
  REQUIRE(first);
  UniqueFd waiting[4];
  const KernelAddress address = to_kernel(UnixAddress{path, false});
  bool is_full = false;
  for (UniqueFd& client : waiting) {
    client = UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    is_full = connect(client.get(), address.get(), address.length) != 0 && errno == EAGAIN;
  }
  REQUIRE(is_full);
  const auto second = open_listener(on(path));
  REQUIRE(!second);
  CHECK(second.error().number == EADDRINUSE);
}

TEST_CASE("what isn't a socket is never removed") {
  const Scratch scratch;
  const std::string file = scratch.file("file", "precious");
  const std::string folder = scratch / "folder";
  fs::create_directory(folder);
  const std::string link = scratch / "link";
  fs::create_symlink(file, link);
  const std::string dangling = scratch / "dangling";
  fs::create_symlink(scratch / "nowhere", dangling);
  for (const std::string& path : {file, folder, link, dangling}) {
    CAPTURE(path);
    const auto listener = open_listener(on(path));
    REQUIRE(!listener);
    CHECK(listener.error().number == ENOTSOCK);
    CHECK(fs::exists(fs::symlink_status(path)));
  }
  CHECK(text_of(file) == "precious");
}

TEST_CASE("a path that can't be is told by bind") {
  const Scratch scratch;
  const auto missing = open_listener(on(scratch / "no/x.sock"));
  REQUIRE(!missing);
  CHECK(missing.error().number == ENOENT);
  CHECK(missing.error().text == "bind: No such file or directory");
}

TEST_CASE("mode is as asked, whatever the umask, which stays as it was") {
  const Scratch scratch;
  const mode_t before = ::umask(077);
  struct Row {
    std::optional<mode_t> asked;
    mode_t mode;
  };
  for (const Row& row : {Row{std::nullopt, 0666}, Row{0600, 0600}, Row{0770, 0770}, Row{0, 0}}) {
    const std::string path = scratch / "x.sock";
    SocketOptions options;
    options.mode = row.asked;
    const auto listener = open_listener(on(path, options));
    REQUIRE(listener);
    CHECK((status_of(path).st_mode & 07777) == row.mode);
    fs::remove(path);
  }
  CHECK(::umask(before) == 077);
}

TEST_CASE("owner and group are as asked") {
  const Scratch scratch;
  const std::string path = scratch / "x.sock";
  SocketOptions options;
  options.owner = 12345;
  options.group = 23456;
  const auto listener = open_listener(on(path, options));
  if (geteuid() != 0) {
    REQUIRE(!listener);
    CHECK(listener.error().text.starts_with("owner and group: "));
    return skipped("only root gives files away");
  }
  REQUIRE(listener);
  CHECK(status_of(path).st_uid == 12345);
  CHECK(status_of(path).st_gid == 23456);
}

TEST_CASE("a group alone leaves the owner") {
  if (geteuid() != 0) return skipped("only root gives files away");
  const Scratch scratch;
  const std::string path = scratch / "x.sock";
  SocketOptions options;
  options.group = 23456;
  const auto listener = open_listener(on(path, options));
  REQUIRE(listener);
  CHECK(status_of(path).st_uid == geteuid());
  CHECK(status_of(path).st_gid == 23456);
}

TEST_CASE("a bound path goes with its value, if it is still the one that was bound") {
  const Scratch scratch;
  const std::string path = scratch / "x.sock";
  const auto first = open_listener(on(path));
  REQUIRE(first);
  { const UnixPath owner(path); }
  CHECK(!fs::exists(path));

  const auto second = open_listener(on(path));
  REQUIRE(second);
  {
    const UnixPath owner(path);
    fs::rename(path, scratch / "kept");  // so that its inode isn't used again
    scratch.file("x.sock", "another's");
  }
  CHECK(text_of(path) == "another's");
  { const UnixPath nothing(scratch / "missing"); }
}

TEST_CASE("a moved path is removed once, by its last owner") {
  const Scratch scratch;
  const std::string first = scratch.file("first"), second = scratch.file("second");
  {
    UnixPath owner;
    {
      UnixPath from(first);
      UnixPath between = std::move(from);
      owner = std::move(between);
    }
    CHECK(fs::exists(first));
    owner = UnixPath(second);
    CHECK(!fs::exists(first));
    CHECK(fs::exists(second));
  }
  CHECK(!fs::exists(second));
}
