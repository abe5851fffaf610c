// SPDX-License-Identifier: MIT
// What programs say of themselves, whatever they send.
#include "superd/core/notify_message.hpp"

#include "superd/base/utf8.hpp"
#include "tests/catch.hpp"

using namespace superd;

TEST_CASE("the words that superd knows are read, others passed over") {
  struct Row {
    std::string bytes;
    NotifyMessage said;
  };
  const Row rows[] = {
      {"READY=1", {true, false, {}, {}}},
      {"READY=1\n", {true, false, {}, {}}},
      {"READY=0", {}},
      {"READY=11", {}},
      {"ready=1", {}},
      {" READY=1", {}},
      {"STOPPING=1", {false, true, {}, {}}},
      {"STATUS=all is well", {false, false, "all is well", {}}},
      {"STATUS=", {false, false, "", {}}},
      {"STATUS=a=b", {false, false, "a=b", {}}},
      {"STATUS=one\nSTATUS=two", {false, false, "two", {}}},
      {"MAINPID=42", {false, false, {}, 42}},
      {"MAINPID=0", {}},
      {"MAINPID=-1", {}},
      {"MAINPID=4194305", {}},
      {"MAINPID=99999999999999999999", {}},
      {"MAINPID=4 2", {}},
      {"READY=1\nSTATUS=up\nMAINPID=7\nFDSTORE=1\nBARRIER=1", {true, false, "up", 7}},
      {"", {}},
      {"\n\n\n", {}},
      {"=", {}},
      {"READY", {}},
      {std::string("READY=1\0", 8), {}},
      {std::string(1000, '\n') + "READY=1", {true, false, {}, {}}},
      {std::string(longest_notify_message, '\n') + "READY=1", {}},
      {"STATUS=" + std::string(5000, 'x'),
       {false, false, std::string(longest_notify_status, 'x'), {}}},
      {"STATUS=\xff\x1b[31m", {false, false, "\\xff\\x1b[31m", {}}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    CHECK(parse_notify_message(row.bytes) == row.said);
  }
}

TEST_CASE("a status is UTF-8 and bounded, whatever was sent") {
  std::uint32_t state = 1;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = round % 2 ? "STATUS=" : "";
    for (int i = round % 300; i > 0; --i) {
      state = state * 1664525 + 1013904223;
      bytes += static_cast<char>(state >> 24);
    }
    const auto said = parse_notify_message(bytes);
    if (!said.status) continue;
    if (first_invalid_utf8(*said.status) != said.status->npos ||
        said.status->size() > longest_notify_status)
      FAIL(bytes);
  }
  for (std::size_t before = 190; before < 205; ++before) {
    const auto said = parse_notify_message("STATUS=" + std::string(before, 'x') + "€€€€");
    CHECK(first_invalid_utf8(*said.status) == said.status->npos);
    CHECK(said.status->size() <= longest_notify_status);
  }
}
