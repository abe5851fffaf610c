// SPDX-License-Identifier: MIT
// This machine, as far as every machine is the same.
#include "superd/os/this_host.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

const ThisHost host;

bool holds(const auto& list, const auto& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

TEST_CASE("superd knows who it is") {
  const Account self = host.self();
  CHECK(self.uid == geteuid());
  CHECK(!self.name.empty());
  CHECK(host.own_groups().size() == static_cast<std::size_t>(getgroups(0, nullptr)));
}

TEST_CASE("users are found by name and by number") {
  const auto root = host.user("root");
  REQUIRE(root);
  CHECK(root->name == "root");
  CHECK(root->uid == 0);
  CHECK(root->gid == 0);
  CHECK(host.user("0")->name == "root");
  for (const char* name : {"", "no-such-user", "4294967295", "-1", "0x0", "3999999999", "root "})
    CHECK(!host.user(name));
}

TEST_CASE("groups are found by name, and numbers need none") {
  CHECK(host.group("root") == gid_t{0});
  CHECK(host.group("0") == gid_t{0});
  CHECK(host.group("3999999999") == gid_t{3999999999});
  for (const char* name : {"", "no-such-group", "4294967295", "-1"}) CHECK(!host.group(name));
}

TEST_CASE("an account's groups have its primary one among them") {
  CHECK(holds(host.groups_of(*host.user("root")), gid_t{0}));
  CHECK(holds(host.groups_of({"no-such-user", 12345, 23456}), gid_t{23456}));
}

TEST_CASE("names are resolved without repeats") {
  const auto addresses = host.resolve("localhost");
  REQUIRE(addresses);
  CHECK((holds(*addresses, *parse_ip("127.0.0.1")) || holds(*addresses, *parse_ip("::1"))));
  for (const IpAddress& one : *addresses)
    CHECK(std::count(addresses->begin(), addresses->end(), one) == 1);

  CHECK(host.resolve("127.0.0.1").value() == std::vector{*parse_ip("127.0.0.1")});
  CHECK(host.resolve("::1").value() == std::vector{*parse_ip("::1")});

  const auto nobody = host.resolve(std::string(300, 'x'));  // too long to be asked for
  REQUIRE(!nobody);
  CHECK(!nobody.error().text.empty());
}

TEST_CASE("service names have TCP ports") {
  CHECK(!host.service_port("no-such-service", Transport::tcp));
  if (!std::filesystem::exists("/etc/services")) return skipped("no /etc/services");
  CHECK(host.service_port("http", Transport::tcp) == std::uint16_t{80});
  CHECK(!host.service_port("tftp", Transport::tcp));  // UDP only
}

TEST_CASE("interfaces and variables are there or not") {
  CHECK(host.has_interface("lo"));
  CHECK(!host.has_interface("no-such-if"));
  setenv("SUPERD_TEST", "", 1);
  CHECK(host.environment("SUPERD_TEST") == "");
  unsetenv("SUPERD_TEST");
  CHECK(host.environment("SUPERD_TEST") == std::nullopt);
}

TEST_CASE("what is wrong with a program is said") {
  const Scratch scratch;
  const std::string program = scratch.file("program", "#!/bin/sh\n", 0755);
  CHECK(host.program_fault(program) == std::nullopt);
  CHECK(host.program_fault(scratch.file("own", "", 0100)) == std::nullopt);
  CHECK(host.program_fault(scratch / "missing") == "no such file");
  CHECK(host.program_fault(scratch.path()) == "it is a directory");
  CHECK(host.program_fault("/dev/null") == "it is not a regular file");
  CHECK(host.program_fault(scratch.file("text", "", 0644)) == "it is not executable");
  CHECK(host.program_fault(program + "/below") == "Not a directory");
  std::filesystem::create_symlink(program, scratch / "link");
  CHECK(host.program_fault(scratch / "link") == std::nullopt);
}

TEST_CASE("what is wrong with a directory is said") {
  const Scratch scratch;
  CHECK(host.directory_fault(scratch.path()) == std::nullopt);
  CHECK(host.directory_fault(scratch / "missing") == "no such directory");
  CHECK(host.directory_fault(scratch.file("file")) == "it is not a directory");
}

TEST_CASE("who can reach a program is judged by the mode bits") {
  const Scratch scratch;
  const std::string folder = scratch / "folder";
  std::filesystem::create_directory(folder);
  const std::string program = scratch.file("folder/program");
  struct stat file {};
  REQUIRE(stat(program.c_str(), &file) == 0);
  chmod(scratch.path().c_str(), 0755);

  const uid_t owner = file.st_uid;
  const gid_t group = file.st_gid;
  const Identity root{"root", 0, 0, {}};
  const Identity own{"own", owner, 54321, {}};
  const Identity in_group{"in group", 54321, group, {}};
  const Identity in_groups{"in groups", 54321, 54321, {1, group}};
  const Identity other{"other", 54321, 54321, {}};
  struct Row {
    mode_t folder, program;
    const Identity& who;
    const char* closed;  // "", "folder" or "program"
  };
  const Row rows[] = {
      {0755, 0755, other, ""},
      {0700, 0755, other, "folder"},
      {0700, 0755, in_group, "folder"},
      {0711, 0711, other, ""},
      {0755, 0750, other, "program"},
      {0755, 0750, in_group, ""},
      {0755, 0750, in_groups, ""},
      {0755, 0705, in_groups, "program"},  // the group's bits count, not the others'
      {0700, 0700, root, ""},
      {0000, 0000, root, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.folder, row.program, row.who.user);
    chmod(program.c_str(), row.program);
    chmod(folder.c_str(), row.folder);
    const auto fault = host.reach_fault(program, row.who);
    // Reading what is below needs the folder open to this test itself.
    if (geteuid() != 0 && (row.folder & 0100) == 0) continue;
    if (*row.closed == '\0') {
      CHECK(fault == std::nullopt);
    } else {
      const bool is_folder = row.closed == std::string("folder");
      const std::string mode = is_folder ? "0700" : row.program == 0750 ? "0750" : "0705";
      CHECK(fault ==
            "'" + (is_folder ? folder : program) + "' is closed to it (mode " + mode + ")");
    }
  }
  chmod(folder.c_str(), 0755);
  if (owner == 0) return;  // root may all
  chmod(program.c_str(), 0055);
  CHECK(host.reach_fault(program, own).value_or("").ends_with("(mode 0055)"));
}

TEST_CASE("a journal is there or not") {
  CHECK(host.has_journal() == std::filesystem::exists("/run/systemd/journal/socket"));
}
