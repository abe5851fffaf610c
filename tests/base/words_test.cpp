// SPDX-License-Identifier: MIT
// Words as a POSIX shell would split them.
#include "superd/base/words.hpp"

#include "tests/catch.hpp"

using namespace superd;

using Words = std::vector<std::string>;

TEST_CASE("text is split as a shell splits it, and nothing is expanded") {
  struct Row {
    const char* text;
    Words words;
  };
  const Row row = GENERATE(values<Row>({
      {"", {}},
      {" \t\n", {}},
      {"cat", {"cat"}},
      {"  cat   -n\tx ", {"cat", "-n", "x"}},
      {"sh -c 'echo \"hi\" $HOME'", {"sh", "-c", "echo \"hi\" $HOME"}},
      {"'a b'c\"d e\"", {"a bcd e"}},
      {"'' \"\"", {"", ""}},
      {"a\\ b \\'", {"a b", "'"}},
      {"a\\\nb", {"ab"}},
      {"'a\\b'", {"a\\b"}},
      {R"("a\"b\\c\$d\`e\f")", {"a\"b\\c$d`e\\f"}},
      {"\"a\\\nb\"", {"ab"}},
      {"~ # * ? [x] | > < & ; $x `y`",
       {"~", "#", "*", "?", "[x]", "|", ">", "<", "&", ";", "$x", "`y`"}},
  }));
  CAPTURE(row.text);
  CHECK(split_words(row.text).value() == row.words);
}

TEST_CASE("what a shell would wait for more of is refused") {
  CHECK(split_words("echo 'a").error().text == "close the single quote");
  CHECK(split_words("echo \"a").error().text == "close the double quote");
  CHECK(split_words("echo \"a\\\"").error().text == "close the double quote");
  CHECK(split_words("echo \"a\\").error().text == "close the double quote");
  CHECK(split_words("echo \\").error().text == "remove the backslash at the end, or double it");
}
