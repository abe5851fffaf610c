// SPDX-License-Identifier: MIT
// Words on their way to superd: what it splits again is what was given.
#include "superd/ctl/request.hpp"

#include "superd/base/words.hpp"
#include "tests/catch.hpp"

using namespace superd;

using Words = std::vector<std::string>;

TEST_CASE("words come out of the line as they went in") {
  const Words words =
      GENERATE(values<Words>({{"status"},
                              {"set", "hello", "description", ""},
                              {"set", "a b", "it's", "\"quoted\" \\ and $HOME\ttab"},
                              {"diff", "/tmp/grün.yaml"},
                              {"stop", "'", "''", "\\"}}));
  const auto line = request_line(words);
  REQUIRE(line.has_value());
  CHECK(line->back() == '\n');
  CHECK(line->find('\n') == line->size() - 1);
  CHECK(split_words(line->substr(0, line->size() - 1)).value() == words);
}

TEST_CASE("what no line can carry is refused") {
  CHECK(request_line(Words{"set", "a\nb"}).error().text ==
        "'a\\nb' has a line end in it, which can't be sent");
  CHECK(!request_line(Words{"set", std::string("a\0b", 3)}).has_value());
  CHECK(request_line(Words{"set", std::string(70'000, 'x')}).error().text ==
        "that is more than the 64K that superd reads");
}
