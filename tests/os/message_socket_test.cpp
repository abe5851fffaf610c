// SPDX-License-Identifier: MIT
// Messages arrive whole, and the end is seen.
#include "superd/os/message_socket.hpp"

#include <cerrno>

#include "superd/os/descriptors.hpp"
#include "tests/patience.hpp"
#include "tests/telling.hpp"

using namespace superd;

TEST_CASE("messages keep their borders, both ways") {
  MessageSockets sockets = open_message_sockets().value();
  REQUIRE(send_message(sockets.ours.get(), "one"));
  REQUIRE(send_message(sockets.ours.get(), "two"));
  REQUIRE(send_message(sockets.theirs.get(), "back"));
  CHECK(receive_message(sockets.theirs.get(), 100).value() == "one");
  CHECK(receive_message(sockets.theirs.get(), 100).value() == "two");
  CHECK(receive_message(sockets.ours.get(), 100).value() == "back");
  CHECK(receive_message(sockets.ours.get(), 100).error().number == EAGAIN);
}

TEST_CASE("our side is high and never blocks, theirs does, and no program inherits either") {
  const MessageSockets sockets = open_message_sockets().value();
  CHECK(sockets.ours.get() >= first_high_descriptor);
  CHECK(!blocks(sockets.ours.get()));
  CHECK(blocks(sockets.theirs.get()));
  CHECK(closes_on_exec(sockets.ours.get()));
  CHECK(closes_on_exec(sockets.theirs.get()));
}

TEST_CASE("a message that is too long is refused, and the next one is whole") {
  MessageSockets sockets = open_message_sockets().value();
  REQUIRE(send_message(sockets.theirs.get(), "12345678901"));
  REQUIRE(send_message(sockets.theirs.get(), "1234567890"));
  CHECK(receive_message(sockets.ours.get(), 10).error().number == EMSGSIZE);
  CHECK(receive_message(sockets.ours.get(), 10).value() == "1234567890");
}

TEST_CASE("the end of one side is the end") {
  MessageSockets sockets = open_message_sockets().value();
  REQUIRE(send_message(sockets.theirs.get(), "last"));
  sockets.theirs.reset();
  CHECK(receive_message(sockets.ours.get(), 10).value() == "last");
  CHECK(receive_message(sockets.ours.get(), 10).value().empty());
  CHECK(send_message(sockets.ours.get(), "nobody").error().number == EPIPE);
}

TEST_CASE("messages that nobody reads fill the socket, and superd goes on") {
  const MessageSockets sockets = open_message_sockets().value();
  const std::string message(400, 'a');
  Result<void> sent;
  for (int i = 0; i < 100'000 && sent; ++i) sent = send_message(sockets.ours.get(), message);
  CHECK(sent.error().number == EAGAIN);
}
