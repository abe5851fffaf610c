// SPDX-License-Identifier: MIT
// The control socket's path, and who calls.
#include "superd/os/control_socket.hpp"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <numeric>

#include "superd/os/descriptors.hpp"
#include "superd/os/socket_address.hpp"
#include "tests/fork.hpp"
#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

namespace fs = std::filesystem;

struct stat status_of(const std::string& path) {
  struct stat found {};
  lstat(path.c_str(), &found);
  return found;
}

mode_t mode_of(const std::string& path) { return status_of(path).st_mode & 07777; }

UniqueFd knock(const std::string& path) {
  UniqueFd client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const KernelAddress address = to_kernel(UnixAddress{path, false});
  if (connect(client.get(), address.get(), address.length) != 0) client.reset();
  return client;
}

std::string error_of(const std::string& path, const ControlSettings& settings = {}) {
  const auto opened = open_control_socket(path, settings);
  return opened ? "none" : opened.error().text;
}

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  ~Umask() { ::umask(before_); }

 private:
  mode_t before_;
};

}  // namespace

TEST_CASE("a control socket is high, never blocks, closes on exec, and goes with its value") {
  const Scratch scratch;
  const std::string path = scratch / "control.sock";
  {
    const auto control = open_control_socket(path, {});
    REQUIRE(control);
    CHECK(control->at == path);
    CHECK(control->socket.get() >= first_high_descriptor);
    CHECK(closes_on_exec(control->socket.get()));
    CHECK(!blocks(control->socket.get()));
    CHECK(accept_control_client(control->socket.get()).error().number == EAGAIN);
    const UniqueFd client = knock(path);
    REQUIRE(client);
    const auto accepted = accept_control_client(control->socket.get());
    REQUIRE(accepted);
    CHECK(accepted->get() >= first_high_descriptor);
    CHECK(closes_on_exec(accepted->get()));
    CHECK(!blocks(accepted->get()));
  }
  CHECK(!fs::exists(path));
}

TEST_CASE("only its owner may connect, unless the table names others or a mode") {
  const Scratch scratch;
  const std::string path = scratch / "control.sock";
  const Umask umask(027);
  ControlSettings shared;
  shared.read.groups = {100};
  ControlSettings changers;
  changers.change.users = {1000};
  ControlSettings given = shared;
  given.mode = 0660;
  struct Row {
    ControlSettings settings;
    mode_t mode;
  };
  for (const Row& row : {Row{{}, 0600}, Row{shared, 0666}, Row{changers, 0666}, Row{given, 0660}}) {
    const auto control = open_control_socket(path, row.settings);
    REQUIRE(control);
    CHECK(mode_of(path) == row.mode);
  }
}

TEST_CASE("a folder that is missing is made, one, whatever the umask") {
  const Scratch scratch;
  const Umask umask(077);
  const std::string path = scratch / "superd/control.sock";
  const auto control = open_control_socket(path, {});
  REQUIRE(control);
  CHECK(mode_of(scratch / "superd") == 0755);
  CHECK(error_of(scratch / "a/b/control.sock") ==
        "no control socket at '" + (scratch / "a/b/control.sock") + "': can't make the folder '" +
            (scratch / "a/b") + "': No such file or directory");
  CHECK(!fs::exists(scratch / "a"));
}

TEST_CASE("a folder that is there stays as it is") {
  const Scratch scratch;
  fs::create_directory(scratch / "mine");
  chmod((scratch / "mine").c_str(), 0700);
  REQUIRE(open_control_socket(scratch / "mine/control.sock", {}));
  CHECK(mode_of(scratch / "mine") == 0700);
}

TEST_CASE("a stale socket is taken over, a live one never") {
  const Scratch scratch;
  const std::string path = scratch / "control.sock";
  {
    auto dead = open_control_socket(path, {});
    REQUIRE(dead);
    dead->path.keep();
  }
  REQUIRE(fs::is_socket(path));
  const auto live = open_control_socket(path, {});
  REQUIRE(live);
  CHECK(error_of(path) == "another superd answers at '" + path +
                              "'; stop it first, or give this one another path by daemon.control");
  CHECK(knock(path));
}

TEST_CASE("what is in the way is left alone, and told of") {
  const Scratch scratch;
  const std::string file = scratch.file("file", "precious");
  fs::create_directory(scratch / "folder");
  fs::create_symlink(scratch / "nowhere", scratch / "link");
  for (const std::string& path : {file, scratch / "folder", scratch / "link"}) {
    CHECK(error_of(path) == "'" + path +
                                "' is in the way and is no socket; remove it, or set "
                                "daemon.control to another path");
  }
  CHECK(text_of(file) == "precious");
  CHECK(error_of(file + "/control.sock").ends_with("': bind: Not a directory"));
  const std::string longest = scratch / std::string(longest_unix_path, 'x');
  CHECK(error_of(longest) ==
        "no control socket at '" + longest + "': a UNIX socket's path has at most 107 bytes");
}

TEST_CASE("owner, group and mode are given when it opens, and anew when the table changes") {
  if (geteuid() != 0) return skipped("only root gives files away");
  const Scratch scratch;
  const std::string path = scratch / "control.sock";
  ControlSettings settings;
  settings.owner = 12345;
  settings.group = 23456;
  settings.mode = 0660;
  const auto control = open_control_socket(path, settings);
  REQUIRE(control);
  CHECK(status_of(path).st_uid == 12345);
  CHECK(status_of(path).st_gid == 23456);
  CHECK(mode_of(path) == 0660);

  settings.owner = std::nullopt;
  settings.group = 34567;
  settings.mode = std::nullopt;
  REQUIRE(give_control_socket(path, settings));
  CHECK(status_of(path).st_uid == geteuid());
  CHECK(status_of(path).st_gid == 34567);
  CHECK(mode_of(path) == 0600);
}

TEST_CASE("a socket that listens already is adopted, with its path") {
  const Scratch scratch;
  const std::string path = scratch / "control.sock";
  UniqueFd handed_over;
  {
    auto before = open_control_socket(path, {});
    REQUIRE(before);
    handed_over = std::move(before->socket);
    before->path.keep();
  }
  const UniqueFd waiting = knock(path);  // in the backlog meanwhile
  REQUIRE(waiting);
  fcntl(handed_over.get(), F_SETFD, 0);
  {
    const auto after = adopt_control_socket(std::move(handed_over), path);
    REQUIRE(after);
    CHECK(after->at == path);
    CHECK(closes_on_exec(after->socket.get()));
    CHECK(accept_control_client(after->socket.get()));
  }
  CHECK(!fs::exists(path));
}

TEST_CASE("only what listens there is adopted") {
  const Scratch scratch;
  const std::string path = scratch / "control.sock";
  auto control = open_control_socket(path, {});
  REQUIRE(control);
  UniqueFd another(fcntl(control->socket.get(), F_DUPFD_CLOEXEC, 0));
  CHECK(!adopt_control_socket(std::move(another), scratch / "other.sock"));
  CHECK(!adopt_control_socket(knock(path), path));
  CHECK(!adopt_control_socket(UniqueFd(), path));
  CHECK(fs::exists(path));
}

TEST_CASE("a caller is who the kernel says") {
  const Scratch scratch;
  const auto control = open_control_socket(scratch / "control.sock", {});
  REQUIRE(control);
  const UniqueFd client = knock(control->at);
  const auto accepted = accept_control_client(control->socket.get());
  REQUIRE(accepted);
  const auto caller = caller_of(accepted->get());
  REQUIRE(caller);
  CHECK(caller->uid == geteuid());
  CHECK(caller->gid == getegid());
  CHECK(caller->pid == getpid());
  CHECK(!caller_of(-1));
}

TEST_CASE("however many groups the caller has, all are known") {
  if (geteuid() != 0) return skipped("only root becomes another");
  const Scratch scratch;
  ControlSettings settings;
  settings.mode = 0666;
  chmod(scratch.path().c_str(), 0755);
  const auto control = open_control_socket(scratch / "control.sock", settings);
  REQUIRE(control);
  for (const int count : {0, 1, 32, 33, 1000}) {
    CAPTURE(count);
    std::vector<gid_t> groups(static_cast<std::size_t>(count));
    std::iota(groups.begin(), groups.end(), 5000);
    const int status = in_a_child([&] {
      if (setgroups(groups.size(), groups.data()) != 0 || setresgid(41, 41, 41) != 0 ||
          setresuid(42, 42, 42) != 0)
        return 1;
      return knock(control->at) ? 0 : 2;
    });
    REQUIRE(status == 0);
    const auto accepted = accept_control_client(control->socket.get());
    REQUIRE(accepted);
    auto caller = caller_of(accepted->get());
    REQUIRE(caller);
    std::sort(caller->groups.begin(), caller->groups.end());
    CHECK(caller->uid == 42);
    CHECK(caller->gid == 41);
    CHECK(caller->groups == groups);
  }
}
