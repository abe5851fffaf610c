// SPDX-License-Identifier: MIT
// Replies as lines of JSON.
#include "superd/server/control_reply.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"

using namespace superd;

using Json = nlohmann::ordered_json;

TEST_CASE("a success has its members after the word that says so") {
  CHECK(success().ok);
  CHECK(success().line == R"({"ok":true})");
  CHECK(success(Json::object()).line == R"({"ok":true})");
  CHECK(success(Json{{"removed", 2}}).ok);
  CHECK(success(Json{{"removed", 2}, {"a", nullptr}}).line ==
        R"({"ok":true,"removed":2,"a":null})");
}

TEST_CASE("a failure has what superctl exits with, and what was wrong") {
  CHECK(!failure(ControlFault::failed, "no").ok);
  CHECK(failure(ControlFault::failed, "no").line == R"({"ok":false,"status":1,"error":"no"})");
  CHECK(failure(ControlFault::wrong, "no", "a.yaml:1:1: no\n").line ==
        R"({"ok":false,"status":2,"error":"no","diagnostics":"a.yaml:1:1: no\n"})");
  CHECK(failure(ControlFault::not_permitted, "no").line ==
        R"({"ok":false,"status":3,"error":"no"})");
}

TEST_CASE("a reply is one line of ASCII, whatever it says") {
  CHECK(failure(ControlFault::wrong, "\xFF\n\x1B\"é").line ==
        R"({"ok":false,"status":2,"error":"\ufffd\n\u001b\"\u00e9"})");
  CHECK(success(Json{{"text", "\xFF…\x7F"}}).line == R"({"ok":true,"text":"\ufffd\u2026\u007f"})");
}
