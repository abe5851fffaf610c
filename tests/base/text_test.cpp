// SPDX-License-Identifier: MIT
// Spelling hints, quoting, escaping, counting.
#include "superd/base/text.hpp"

#include "tests/catch.hpp"

using namespace superd;

TEST_CASE("the nearest spelling is offered where it is near") {
  static constexpr std::string_view keys[] = {"listen", "run", "user", "umask", "allow", "as"};
  struct Row {
    const char* word;
    const char* hint;  // "" for none
  };
  const Row row = GENERATE(values<Row>({
      {"alow", "allow"},
      {"lisetn", "listen"},  // a transposition is one fault
      {"LISTEN", "listen"},  // case is none
      {"listn", "listen"},
      {"usr", "user"},
      {"rn", "run"},
      {"umaks", "umask"},
      {"a", "as"},
      {"x", ""},
      {"zz", ""},
      {"", ""},
      {"timeout", ""},
  }));
  CAPTURE(row.word);
  CHECK(nearest(row.word, keys).value_or("") == row.hint);
}

TEST_CASE("ties go to the first, and long words are nobody's typing error") {
  static constexpr std::string_view keys[] = {"bat", "cat"};
  CHECK(nearest("rat", keys) == "bat");
  CHECK(nearest(std::string(100'000, 'x'), keys) == std::nullopt);
  CHECK(nearest("rat", {}) == std::nullopt);
}

TEST_CASE("quoted text is escaped and cut") {
  CHECK(quote("finger") == "'finger'");
  CHECK(quote("") == "''");
  CHECK(quote("a\nb") == "'a\\nb'");
  CHECK(quote("abcdef", 3) == "'abc…'");
  CHECK(quote("h\xC3\xA9", 2) == "'h…'");
}

TEST_CASE("text from strangers can't harm a log") {
  struct Row {
    std::string text;
    std::string safe;
  };
  const Row row = GENERATE(values<Row>({
      {"plain text", "plain text"},
      {"tab\tnewline\nreturn\r", "tab\\tnewline\\nreturn\\r"},
      {"back\\slash", "back\\\\slash"},
      {std::string("nul\0", 4), "nul\\x00"},
      {"\x1B[31m", "\\x1b[31m"},
      {"\x7F", "\\x7f"},
      {"gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F"},
      {"\xC2\x9B"
       "31m",
       "\\xc2\\x9b31m"},                    // C1 control
      {"\xE2\x80\xA8", "\\xe2\\x80\\xa8"},  // U+2028
      {"\xE2\x80\xAE"
       "x",
       "\\xe2\\x80\\xaex"},                 // U+202E, right to left
      {"\xE2\x81\xA6", "\\xe2\\x81\\xa6"},  // U+2066
      {"\xFF\xFE", "\\xff\\xfe"},
      {"cut\xE2\x82", "cut\\xe2\\x82"},
      {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
  }));
  CHECK(escape(row.text) == row.safe);
  std::string out = "> ";
  escape_to(out, row.text);
  CHECK(out == "> " + row.safe);
}

TEST_CASE("nouns have plurals") {
  CHECK(count_of(1, "service") == "1 service");
  CHECK(count_of(0, "service") == "0 services");
  CHECK(count_of(2, "address") == "2 addresses");
  CHECK(count_of(2, "entry") == "2 entries");
}
