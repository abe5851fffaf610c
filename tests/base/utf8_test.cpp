// SPDX-License-Identifier: MIT
// The edges of RFC 3629.
#include "superd/base/utf8.hpp"

#include "tests/catch.hpp"

using namespace superd;

TEST_CASE("valid characters have a code and a length") {
  struct Row {
    const char* text;
    char32_t code;
    std::size_t length;
  };
  const Row row = GENERATE(values<Row>({
      {"a", U'a', 1},
      {"\x7F", 0x7F, 1},
      {"\xC2\x80", 0x80, 2},
      {"\xDF\xBF", 0x7FF, 2},
      {"\xE0\xA0\x80", 0x800, 3},
      {"\xED\x9F\xBF", 0xD7FF, 3},
      {"\xEE\x80\x80", 0xE000, 3},
      {"\xF0\x90\x80\x80", 0x10000, 4},
      {"\xF4\x8F\xBF\xBF", 0x10FFFF, 4},
  }));
  CHECK(first_character(row.text).code == row.code);
  CHECK(first_character(row.text).length == row.length);
  CHECK(first_invalid_utf8(row.text) == std::string_view::npos);
}

TEST_CASE("what is no UTF-8 has length 0") {
  const std::string text = GENERATE(values<std::string>({
      "",                      // nothing
      "\x80",                  // a continuation alone
      "\xC3",                  // cut off
      "\xC0\xAF",              // overlong '/'
      "\xE0\x80\xAF",          // the same in three bytes
      "\xF0\x80\x80\xAF",      // and in four
      "\xED\xA0\x80",          // a surrogate
      "\xF4\x90\x80\x80",      // above U+10FFFF
      "\xF8\x88\x80\x80\x80",  // five bytes
      "\xFF",
      "\xC3(",
      "\xE2\x82(",
  }));
  CHECK(first_character(text).length == 0);
  if (!text.empty()) CHECK(first_invalid_utf8(text) == 0);
}

TEST_CASE("the first invalid byte is found behind valid ones") {
  CHECK(first_invalid_utf8("h\xC3\xA9\xFF") == 3);
  CHECK(first_invalid_utf8("") == std::string_view::npos);
}

TEST_CASE("characters are counted, stray bytes as one each") {
  CHECK(count_characters("") == 0);
  CHECK(count_characters("h\xC3\xA9") == 2);
  CHECK(count_characters("\xFF\xFF"
                         "a") == 3);
}

TEST_CASE("a cut falls between characters") {
  CHECK(cut_utf8("abc", 3) == "abc");
  CHECK(cut_utf8("abcd", 3) == "abc");
  CHECK(cut_utf8("h\xC3\xA9", 2) == "h");
  CHECK(cut_utf8("\xF0\x90\x80\x80"
                 "a",
                 3)
            .empty());
  CHECK(cut_utf8("\x80\x80\x80\x80\x80\x80", 5).size() == 5);
  CHECK(cut_utf8("abc", 0).empty());
}
