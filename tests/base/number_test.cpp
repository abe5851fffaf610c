// SPDX-License-Identifier: MIT
// Numbers in, numbers out: what is read, what is refused, and with which remedy.
#include "superd/base/number.hpp"

#include <limits>

#include "tests/catch.hpp"

using namespace superd;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

std::string refusal_of(const auto& result) { return result ? "" : result.error().text; }

}  // namespace

TEST_CASE("whole numbers are read whole") {
  struct Row {
    const char* text;
    std::int64_t lowest, highest, number;
  };
  const Row row = GENERATE(values<Row>({
      {"0", 0, 10, 0},
      {"10", 0, 10, 10},
      {"007", 0, 10, 7},
      {"-20", -20, 19, -20},
      {"+5", -20, 19, 5},
      {"9223372036854775807", 0, most, most},
      {"-9223372036854775808", least, most, least},
  }));
  CAPTURE(row.text);
  CHECK(parse_number(row.text, row.lowest, row.highest).value() == row.number);
}

TEST_CASE("what is no whole number in range is refused with the range") {
  const std::string text = GENERATE("", "ten", "1.5", "0x10", "1 ", " 1", "11", "-1", "+1", "1e3",
                                    "99999999999999999999", "--1");
  CAPTURE(text);
  CHECK(refusal_of(parse_number(text, 0, 10)) == "give a whole number from 0 to 10");
}

TEST_CASE("a range without an end is said so") {
  CHECK(refusal_of(parse_number("x", 1, most)) == "give a whole number of at least 1");
  CHECK(refusal_of(parse_number("+-5", -9, 9)) == "give a whole number from -9 to 9");
  CHECK(refusal_of(parse_number("-+5", -9, 9)) == "give a whole number from -9 to 9");
}

TEST_CASE("durations have a unit") {
  struct Row {
    const char* text;
    Milliseconds duration;
  };
  const Row row = GENERATE(values<Row>({
      {"0ms", 0ms},
      {"500ms", 500ms},
      {"10s", 10s},
      {"5min", 5min},
      {"2h", 2h},
      {"1d", 24h},
      {"3653d", 24h * 3653},
  }));
  CAPTURE(row.text);
  CHECK(parse_duration(row.text).value() == row.duration);
}

TEST_CASE("a duration without a unit, or with another, is refused") {
  const std::string text = GENERATE("", "10", "s", "1.5s", "-1s", "10 s", "10S", "10m", "10sec",
                                    "10s ", "99999999999999999999s");
  CAPTURE(text);
  CHECK(refusal_of(parse_duration(text)) == "give a number and a unit: 500ms, 10s, 5min, 2h or 1d");
}

TEST_CASE("a duration ends after ten years") {
  CHECK(refusal_of(parse_duration("3654d")) == "give at most ten years");
  CHECK(refusal_of(parse_duration("18446744073709551615d")) == "give at most ten years");
}

TEST_CASE("sizes are bytes or powers of 1024") {
  struct Row {
    const char* text;
    std::uint64_t bytes;
  };
  const Row row = GENERATE(values<Row>({
      {"0", 0},
      {"512", 512},
      {"64K", 65536},
      {"16M", 16u << 20},
      {"1G", 1u << 30},
      {"2T", std::uint64_t{2} << 40},
      {"18446744073709551615", std::numeric_limits<std::uint64_t>::max()},
      {"16777215T", std::uint64_t{16777215} << 40},
  }));
  CAPTURE(row.text);
  CHECK(parse_size(row.text).value() == row.bytes);
}

TEST_CASE("other sizes are refused") {
  const std::string text = GENERATE("", "K", "64k", "64KB", "1.5M", "-1", "64 K", "1P");
  CAPTURE(text);
  CHECK(refusal_of(parse_size(text)) == "give a size: bytes, or a number with K, M, G or T");
  CHECK(refusal_of(parse_size("16777216T")) == "give less than 16777216T");
}

TEST_CASE("modes are octal, with or without leading zeros") {
  CHECK(parse_octal("022", 0777).value() == 022);
  CHECK(parse_octal("22", 0777).value() == 022);
  CHECK(parse_octal("0660", 0777).value() == 0660);
  CHECK(parse_octal("0", 0777).value() == 0);
  const std::string text = GENERATE("", "8", "1000", "0o22", "-1", "rw", "22 ");
  CAPTURE(text);
  CHECK(refusal_of(parse_octal(text, 0777)) == "give an octal number from 0 to 0777");
}

TEST_CASE("durations are printed short") {
  struct Row {
    Milliseconds duration;
    const char* text;
  };
  const Row row = GENERATE(values<Row>({
      {0ms, "0s"},
      {1ms, "1ms"},
      {999ms, "999ms"},
      {1s, "1s"},
      {1500ms, "1.5s"},
      {59999ms, "59.9s"},
      {60s, "1min"},
      {200s, "3min 20s"},
      {2h + 5min, "2h 5min"},
      {2h + 30s, "2h"},
      {27h, "1d 3h"},
      {-1500ms, "-1.5s"},
  }));
  CHECK(duration_to_text(row.duration) == row.text);
}

TEST_CASE("sizes are printed short") {
  struct Row {
    std::uint64_t bytes;
    const char* text;
  };
  const Row row = GENERATE(values<Row>({
      {0, "0"},
      {1023, "1023"},
      {1024, "1K"},
      {1536, "1.5K"},
      {10239, "9.9K"},
      {10240, "10K"},
      {1258291, "1.1M"},
      {std::uint64_t{5} << 30, "5G"},
      {std::numeric_limits<std::uint64_t>::max(), "16777215T"},
  }));
  CHECK(size_to_text(row.bytes) == row.text);
}
