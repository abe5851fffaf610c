// SPDX-License-Identifier: MIT
// What a reload changes, in words.
#include "superd/ctl/diff_text.hpp"

#include "tests/catch.hpp"
#include "tests/ctl/answering.hpp"

using namespace superd;

TEST_CASE("a diff is a line for each thing that changes") {
  CHECK(diff_text(json(R"({
            "opened":[{"service":"b","address":"127.0.0.1:7002"}],
            "closed":[{"service":"c","address":"127.0.0.1:7003"}],
            "kept":4, "moved":[{"address":"127.0.0.1:7001","from":"old","to":"new"}],
            "added":["b","new"],"removed":["c","old"],
            "changed":[{"service":"a","keys":["timeout","user"]}],"daemon":["log"]})")) ==
        "opened   127.0.0.1:7002 of 'b'\n"
        "closed   127.0.0.1:7003 of 'c'\n"
        "moved    127.0.0.1:7001 from 'old' to 'new'\n"
        "added    b, new\n"
        "removed  c, old\n"
        "changed  a: timeout, user\n"
        "daemon   log\n"
        "kept     4 sockets\n");
}

TEST_CASE("that nothing changes is said") {
  CHECK(diff_text(json(R"({"opened":[],"closed":[],"kept":1,"moved":[],"added":[]})")) ==
        "no change; 1 socket kept\n");
}
