// SPDX-License-Identifier: MIT
// What superctl's exit status says.
#include "superd/ctl/answer.hpp"

#include <cerrno>

#include "tests/catch.hpp"

using namespace superd;

TEST_CASE("the verdict is superd's, and only what it can know") {
  struct Row {
    const char* line;
    Verdict verdict;
  };
  const Row row = GENERATE(values<Row>({
      {R"({"ok":true})", Verdict::fine},
      {R"({"ok":false,"status":1,"error":"x"})", Verdict::failed},
      {R"({"ok":false,"status":2,"error":"x"})", Verdict::wrong},
      {R"({"ok":false,"status":3,"error":"x"})", Verdict::not_permitted},
      {R"({"ok":false,"status":0})", Verdict::failed},
      {R"({"ok":false,"status":4})", Verdict::failed},
      {R"({"ok":"yes"})", Verdict::failed},
      {"{}", Verdict::failed},
  }));
  CAPTURE(row.line);
  CHECK(parse_answer(row.line)->verdict() == row.verdict);
}

TEST_CASE("what is no JSON object is no answer") {
  for (const char* line : {"", "SSH-2.0", "[1]", "{\"ok\":tr"}) {
    CAPTURE(line);
    CHECK(!parse_answer(line).has_value());
  }
}

TEST_CASE("errors before an answer have their verdicts, too") {
  CHECK(verdict_of({"", ENOENT}) == Verdict::nobody_there);
  CHECK(verdict_of({"", ECONNREFUSED}) == Verdict::nobody_there);
  CHECK(verdict_of({"", EACCES}) == Verdict::not_permitted);
  CHECK(verdict_of({"", EINVAL}) == Verdict::wrong);
  CHECK(verdict_of({"", ETIMEDOUT}) == Verdict::failed);
  CHECK(to_line(to_json({"no\x1b", ENOENT}, Verdict::nobody_there)) ==
        "{\"ok\":false,\"status\":4,\"error\":\"no\\u001b\"}\n");
}
