// SPDX-License-Identifier: MIT
// Messages are read back as they were, and nothing else is one.
#include "superd/core/resend_message.hpp"

#include "tests/catch.hpp"

using namespace superd;

TEST_CASE("requests and answers are read back") {
  for (const char* host : {"192.0.2.1", "2001:db8::1", "fe80::1%2"}) {
    const auto request = parse_resend_request(encode(ResendRequest{3, {*parse_ip(host), 69}}));
    REQUIRE(request);
    CHECK(request->id == 3);
    CHECK(to_text(request->destination.address) == host);
    CHECK(request->destination.port == 69);
  }
  CHECK(encode(ResendRequest{3, {*parse_ip("192.0.2.1"), 69}}) == "3 192.0.2.1 69");
  const auto answer = parse_resend_answer(encode(ResendAnswer{4, most_resent, 90}));
  REQUIRE(answer);
  CHECK(answer->id == 4);
  CHECK(answer->count == most_resent);
  CHECK(answer->error == 90);
}

TEST_CASE("what is no message") {
  for (const char* text :
       {"", " ", "1", "1 192.0.2.1", "1 192.0.2.1 0", "1 192.0.2.1 65536", "x 192.0.2.1 1",
        "-1 192.0.2.1 1", "1 host 1", "1 192.0.2.1 1 ", "1 192.0.2.1 1 2", "1  192.0.2.1 1"}) {
    CAPTURE(text);
    CHECK(!parse_resend_request(text));
  }
  for (const char* text : {"", "1", "1 2", "1 65 0", "1 -1 0", "1 1 4096", "1 1 x", "1 1 0 0"}) {
    CAPTURE(text);
    CHECK(!parse_resend_answer(text));
  }
}
