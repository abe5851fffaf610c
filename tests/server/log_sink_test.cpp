// SPDX-License-Identifier: MIT
// Log lines to a descriptor.
#include "superd/server/log_sink.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <thread>

#include <spdlog/logger.h>

#include "tests/catch.hpp"
#include "tests/patience.hpp"
#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

struct Sink {
  std::shared_ptr<LogSink> sink;
  spdlog::logger logger;

  explicit Sink(UniqueFd fd) : sink(std::make_shared<LogSink>(std::move(fd))), logger("", sink) {
    logger.set_pattern("%v");
  }
};

}  // namespace

TEST_CASE("a log file is made for its owner and group, and appended to") {
  const Scratch scratch;
  const std::string path = scratch / "log";
  const mode_t before = ::umask(0);
  { Sink(open_log_file(path).value()).logger.info("first"); }
  ::umask(before);
  struct stat found {};
  REQUIRE(stat(path.c_str(), &found) == 0);
  CHECK((found.st_mode & 07777) == 0640);
  { Sink(open_log_file(path).value()).logger.info("second"); }
  CHECK(text_of(path) == "first\nsecond\n");
}

TEST_CASE("a log file is never reached through a link, and faults name it") {
  const Scratch scratch;
  const std::string link = scratch / "link";
  std::filesystem::create_symlink(scratch.file("precious", "text"), link);
  const auto through = open_log_file(link);
  REQUIRE(!through);
  CHECK(through.error().text == "log file '" + link + "': " + errno_text(ELOOP));
  const auto nowhere = open_log_file(scratch / "no/log");
  REQUIRE(!nowhere);
  CHECK(nowhere.error().text ==
        "log file '" + (scratch / "no/log") + "': No such file or directory");
}

TEST_CASE("a replaced descriptor takes the next line") {
  const Scratch scratch;
  Sink sink(open_log_file(scratch / "first").value());
  sink.logger.info("one");
  sink.sink->replace(open_log_file(scratch / "second").value());
  sink.logger.info("two");
  CHECK(text_of(scratch / "first") == "one\n");
  CHECK(text_of(scratch / "second") == "two\n");
}

TEST_CASE("lines are kept together while more are waiting") {
  const Scratch scratch;
  Sink sink(open_log_file(scratch / "log").value());
  bool more = true;
  sink.sink->ask_for_more([&] { return more; });
  sink.logger.info("one");
  sink.logger.info("two");
  CHECK(text_of(scratch / "log").empty());
  more = false;
  sink.logger.info("three");
  CHECK(text_of(scratch / "log") == "one\ntwo\nthree\n");
}

TEST_CASE("a reader who doesn't read is waited for, and nothing is lost") {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd reading(ends[0]);
  constexpr std::size_t large = 300'000;  // more than a pipe holds
  std::thread writer([writing = UniqueFd(ends[1])]() mutable {
    Sink sink(std::move(writing));
    sink.logger.info(std::string(large, 'x'));
    sink.logger.info("end");
  });
  const std::string all = read_to_end(reading.get());
  writer.join();
  CHECK(all == std::string(large, 'x').append("\nend\n"));
}

TEST_CASE("nobody is waited for at the end") {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd reading(ends[0]);
  Sink sink((UniqueFd(ends[1])));
  std::thread writer([&] {
    for (int i = 0; i < 10; ++i) sink.logger.info(std::string(100'000, 'x'));
  });
  CHECK(becomes_readable(reading.get()));
  sink.sink->stop_waiting();
  writer.join();
}
