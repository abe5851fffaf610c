// SPDX-License-Identifier: MIT
// The background and the pid file.
#include "superd/os/daemonize.hpp"

#include <cerrno>
#include <filesystem>
#include <optional>
#include <sstream>

#include "tests/fork.hpp"
#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

namespace fs = std::filesystem;

std::string own_line() { return std::to_string(getpid()) + "\n"; }

std::string fault_of(const Result<PidFile>& claimed) { return claimed ? "" : claimed.error().text; }

// What the one in the background has to say of itself.
std::string told_from_background() {
  std::ostringstream told;
  told << (getsid(0) != getpid()) << (getpgrp() == getsid(0)) << ' ' << fs::current_path().string();
  for (const char* standard : {"0", "1", "2"})
    told << ' ' << fs::read_symlink(std::string("/proc/self/fd/") + standard).string();
  return told.str();
}

}  // namespace

TEST_CASE("in the background there is no terminal, no folder, no standard stream") {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  const int status = in_a_child([&] {
    auto background = Background::enter();
    if (!background) return 9;
    const bool told = send_text(writing.get(), told_from_background());
    background->is_ready();
    return told ? 7 : 8;
  });
  CHECK(status == 0);  // of the one that was started
  writing.reset();
  CHECK(read_to_end(reading.get()) == "11 / /dev/null /dev/null /dev/null");
}

TEST_CASE("who started it is told when it ends before it is ready") {
  CHECK(in_a_child([] { return Background::enter() ? 7 : 9; }) == 1);
}

TEST_CASE("a pid file has one holder, who is named to the next") {
  const Scratch scratch;
  const std::string path = scratch / "superd.pid";
  {
    auto first = PidFile::claim(path);
    REQUIRE(first);
    CHECK(text_of(path).empty());  // who it will be isn't known yet
    CHECK(fault_of(PidFile::claim(path)) ==
          "pid file '" + path + "' is held by pid ?: superd runs already");
    REQUIRE(first->write());
    CHECK(text_of(path) == own_line());

    const auto second = PidFile::claim(path);
    REQUIRE(!second);
    CHECK(second.error().number == EEXIST);
    CHECK(second.error().text == "pid file '" + path + "' is held by pid " +
                                     std::to_string(getpid()) + ": superd runs already");
    CHECK(text_of(path) == own_line());
  }
  CHECK(!fs::exists(path));
  CHECK(PidFile::claim(path));
}

TEST_CASE("the pid file of a dead daemon is taken over") {
  const Scratch scratch;
  const std::string path = scratch.file("superd.pid", "2147483647 and more from before\n");
  auto claimed = PidFile::claim(path);
  REQUIRE(claimed);
  REQUIRE(claimed->write());
  CHECK(text_of(path) == own_line());
}

TEST_CASE("the claim goes along into a child, and the file is written again") {
  const Scratch scratch;
  const std::string path = scratch / "superd.pid";
  auto claimed = PidFile::claim(path);
  REQUIRE(claimed);
  CHECK(in_a_child([&] {
          if (!claimed->write()) return 1;
          return text_of(path) == own_line() ? 0 : 2;
        }) == 0);
  CHECK(text_of(path) != own_line());
  CHECK(!PidFile::claim(path));
}

TEST_CASE("a moved pid file is removed once, by its last owner") {
  const Scratch scratch;
  const std::string path = scratch / "superd.pid";
  std::optional<PidFile> owner;
  {
    auto claimed = PidFile::claim(path);
    REQUIRE(claimed);
    owner.emplace(std::move(*claimed));
  }
  CHECK(fs::exists(path));
  owner.reset();
  CHECK(!fs::exists(path));
}

TEST_CASE("a link is refused, and so is what can't be opened") {
  const Scratch scratch;
  const std::string precious = scratch.file("precious", "text");
  const std::string link = scratch / "link";
  fs::create_symlink(precious, link);
  CHECK(fault_of(PidFile::claim(link)) == "pid file '" + link + "': " + errno_text(ELOOP));
  CHECK(text_of(precious) == "text");
  const std::string nowhere = scratch / "no/superd.pid";
  CHECK(fault_of(PidFile::claim(nowhere)) == "pid file '" + nowhere + "': " + errno_text(ENOENT));
}
