// SPDX-License-Identifier: MIT
// Events become lines, and nobody waits for their readers.
#include "superd/server/reporter.hpp"

#include <atomic>
#include <filesystem>
#include <regex>
#include <thread>

#include "tests/catch.hpp"
#include "tests/server/log_file.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

// A reporter on a pipe, as superd is on its stderr.
struct Piped {
  UniqueFd reading;
  std::unique_ptr<Reporter> reporter;

  Piped() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    reading = UniqueFd(ends[0]);
    const UniqueFd writing(ends[1]), before(dup(2));
    dup2(writing.get(), 2);
    auto opened = LogWriter::open({});
    dup2(before.get(), 2);
    reporter = std::make_unique<Reporter>(std::move(opened.value()));
  }
};

Notice line(std::size_t number) {
  return {LogLevel::info, "line " + std::to_string(number) + std::string(100, '.')};
}

constexpr std::size_t too_many = 20'000;  // more than queue and pipe hold

}  // namespace

TEST_CASE("each format has its own lines") {
  struct Row {
    LogFormat format;
    const char* info;
    const char* warning;
  };
  const Row row = GENERATE(values<Row>({
      {LogFormat::text,
       R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d info superd: stopped)",
       R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d warning superd: a \{\} b)"},
      {LogFormat::json,
       R"re(\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d","level":"info","event":"stopped"\})re",
       R"re(\{"time":"[^"]*","level":"warning","event":"notice","text":"a \{\} b"\})re"},
      {LogFormat::xinetd, R"(\d\d/\d{1,2}/\d{1,2}@\d\d:\d\d:\d\d: superd: stopped)",
       R"(\d\d/\d{1,2}/\d{1,2}@\d\d:\d\d:\d\d: superd: a \{\} b)"},
  }));
  LogFile log(row.format);
  log.reporter().report(Stopped{});
  log.reporter().report(Notice{LogLevel::warning, "a {} b"});
  const auto lines = log.whole_lines();
  REQUIRE(lines.size() == 2);
  CAPTURE(lines[0], lines[1]);
  CHECK(std::regex_match(lines[0], std::regex(row.info)));
  CHECK(std::regex_match(lines[1], std::regex(row.warning)));
}

TEST_CASE("what is below the level isn't told") {
  struct Row {
    LogLevel level;
    std::vector<std::string> lines;
  };
  const Row row = GENERATE(values<Row>({
      {LogLevel::debug, {"superd: d", "superd: i", "superd: w", "superd: e"}},
      {LogLevel::info, {"superd: i", "superd: w", "superd: e"}},
      {LogLevel::warning, {"superd: w", "superd: e"}},
      {LogLevel::error, {"superd: e"}},
  }));
  LogFile log(LogFormat::text, row.level);
  log.reporter().report(Notice{LogLevel::debug, "d"});
  log.reporter().report(Notice{LogLevel::info, "i"});
  log.reporter().report(Notice{LogLevel::warning, "w"});
  log.reporter().report(Notice{LogLevel::error, "e"});
  CHECK(log.lines() == row.lines);
}

TEST_CASE("a rotated log file is opened anew") {
  LogFile log;
  log.reporter().report(Notice{LogLevel::info, "one"});
  REQUIRE(log.shows("one\n"));
  const std::string old = log.path() + ".1";
  std::filesystem::rename(log.path(), old);
  log.reporter().report(Notice{LogLevel::info, "two"});
  CHECK(comes_true([&] { return text_of(old).find("two\n") != std::string::npos; }));
  const auto reopened = log.reporter().log().reopen();
  REQUIRE(reopened);
  CHECK(*reopened);
  log.reporter().report(Notice{LogLevel::info, "three"});
  CHECK(log.lines() == std::vector<std::string>{"superd: three"});
}

TEST_CASE("where the file can't be opened anew, the old one goes on") {
  LogFile log;
  const std::string old = log.path() + ".1";
  std::filesystem::rename(log.path(), old);
  std::filesystem::create_directory(log.path());
  const auto reopened = log.reporter().log().reopen();
  REQUIRE(!reopened);
  CHECK(reopened.error().text == "log file '" + log.path() + "': Is a directory");
  log.reporter().report(Notice{LogLevel::info, "goes on"});
  CHECK(comes_true([&] { return text_of(old).find("goes on\n") != std::string::npos; }));
}

TEST_CASE("only a file is opened anew, and one that can't be is told") {
  Piped piped;
  const auto reopened = piped.reporter->log().reopen();
  REQUIRE(reopened);
  CHECK(!*reopened);
  const Scratch scratch;
  const LogSettings settings{LogSettings::To::file, scratch / "no/log", {}, {}};
  const auto opened = LogWriter::open(settings);
  REQUIRE(!opened);
  CHECK(opened.error().text.starts_with("log file '"));
}

TEST_CASE("a reader who doesn't read stops lines, which are counted, and never who reports") {
  Piped piped;
  for (std::size_t i = 0; i < too_many; ++i) piped.reporter->report(line(i));

  std::string all;
  std::atomic<bool> has_last = false;
  std::thread reader([&] {
    all = read_until(piped.reading.get(), "line 19999" + std::string(100, '.') + "\n");
    has_last = true;
    all += read_to_end(piped.reading.get());
  });
  const bool came = comes_true([&] { return has_last.load(); });
  piped.reporter->report(Notice{LogLevel::info, "after"});
  piped.reporter.reset();
  reader.join();
  REQUIRE(came);

  std::size_t written = 0, dropped = 0;
  std::istringstream lines(all);
  const std::regex told(R"(.* warning superd: dropped (\d+) log lines)");
  for (std::string one; std::getline(lines, one);) {
    std::smatch match;
    if (one.find(" superd: line ") != std::string::npos) ++written;
    if (std::regex_match(one, match, told)) dropped += std::stoul(match[1]);
  }
  CHECK(dropped > 0);
  CHECK(written + dropped == too_many);
  CHECK(all.find("superd: after\n") != std::string::npos);
}

TEST_CASE("the end doesn't wait for a reader who doesn't read") {
  Piped piped;
  for (std::size_t i = 0; i < too_many; ++i) piped.reporter->report(line(i));
  piped.reporter.reset();
  CHECK(becomes_readable(piped.reading.get()));
}
