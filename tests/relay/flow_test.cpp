// SPDX-License-Identifier: MIT
// One direction, step by step: small and large, slow and stopped, ended and broken.
#include "superd/relay/flow.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>

#include "tests/catch.hpp"

using namespace superd;

namespace {

// A source that the test writes to, a sink that it reads from.
struct Room {
  End source, sink;
  UniqueFd writer, reader;
  Workspace space;
  Flow flow{source, sink};

  Room() {
    std::signal(SIGPIPE, SIG_IGN);
    int ends[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    writer.reset(ends[0]);
    source.socket.reset(ends[1]);
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    reader.reset(ends[0]);
    sink.socket.reset(ends[1]);
    source.readable = sink.writable = true;
  }

  void write(const std::string& text) {
    REQUIRE(send(writer.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    source.readable = true;
  }
  // As much as there is.
  std::string read() {
    std::string all, some(100'000, '\0');
    for (ssize_t n; (n = recv(reader.get(), some.data(), some.size(), 0)) > 0;)
      all.append(some, 0, static_cast<std::size_t>(n));
    sink.writable = true;
    return all;
  }
  void end_source() {
    shutdown(writer.get(), SHUT_WR);
    source.readable = source.has_hung_up = true;
  }
};

using Step = Flow::Step;

// Each byte tells where it is from.
std::string pattern(std::size_t from, std::size_t length) {
  std::string text(length, '\0');
  for (std::size_t i = 0; i < length; ++i) text[i] = static_cast<char>((from + i) * 31 % 251);
  return text;
}

// Everything through a sink that is read from now and then; how many bytes.
void pour(Room& room, std::size_t total) {
  std::size_t written = 0, got = 0;
  while (got < total) {
    const std::string piece = pattern(written, std::min<std::size_t>(50'000, total - written));
    const ssize_t sent = send(room.writer.get(), piece.data(), piece.size(), 0);
    if (sent > 0) written += static_cast<std::size_t>(sent);
    room.source.readable = true;
    const Step step = room.flow.move(room.space);
    REQUIRE((step == Step::waits || step == Step::goes_on));
    const std::string read = room.read();
    REQUIRE(read == pattern(got, read.size()));
    got += read.size();
  }
  CHECK(room.flow.bytes() == total);
}

}  // namespace

TEST_CASE("what is there is moved, and counted") {
  Room room;
  CHECK(room.flow.move(room.space) == Step::waits);
  CHECK(!room.flow.has_moved());
  room.write("hello");
  CHECK(room.flow.move(room.space) == Step::waits);
  CHECK(room.flow.has_moved());
  CHECK(room.read() == "hello");
  CHECK(room.flow.bytes() == 5);
  CHECK(!room.source.readable);
}

TEST_CASE("what it begins with comes first, and isn't counted") {
  Room room;
  room.flow.begin_with("header ");
  room.write("body");
  CHECK(room.flow.move(room.space) == Step::waits);
  CHECK(room.read() == "header body");
  CHECK(room.flow.bytes() == 4);
}

TEST_CASE("a long stream arrives as it was") {
  Room room;
  pour(room, 5'000'000);
}

TEST_CASE("a long stream arrives as it was without a pipe to be had") {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  Room room;
  const rlimit none{0, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  pour(room, 1'000'000);
  setrlimit(RLIMIT_NOFILE, &before);
}

TEST_CASE("a sink that is full stops the source") {
  Room room;
  const std::string piece(50'000, 'x');
  std::size_t written = 0;
  for (int i = 0; i < 200; ++i) {
    const ssize_t sent = send(room.writer.get(), piece.data(), piece.size(), 0);
    if (sent > 0) written += static_cast<std::size_t>(sent);
    room.source.readable = true;
    CHECK(room.flow.move(room.space) == Step::waits);
  }
  CHECK(written < 10'000'000);
  CHECK(!room.sink.writable);
  std::size_t got = 0;
  for (std::string some; !(some = room.read()).empty();) {
    got += some.size();
    room.source.readable = true;
    room.flow.move(room.space);
  }
  CHECK(got == written);
}

TEST_CASE("the end of the source is the end of the sink, after all that was said") {
  Room room;
  room.write("last words");
  room.end_source();
  CHECK(room.flow.move(room.space) == Step::done);
  CHECK(room.flow.is_done());
  CHECK(room.read() == "last words");
  char byte = 0;
  CHECK(recv(room.reader.get(), &byte, 1, 0) == 0);
  CHECK(room.flow.move(room.space) == Step::done);
}

TEST_CASE("the end waits for a sink that is full") {
  Room room;
  std::string all;
  while (room.sink.writable) {
    room.write(std::string(10'000, 'x'));
    room.flow.move(room.space);
  }
  room.end_source();
  CHECK(room.flow.move(room.space) == Step::waits);
  CHECK(!room.flow.is_done());
  Step step = Step::waits;
  while (step == Step::waits) {
    all += room.read();
    step = room.flow.move(room.space);
  }
  CHECK(step == Step::done);
  all += room.read();
  CHECK(all.size() == room.flow.bytes());
}

TEST_CASE("a sink that is gone is told from a source that is") {
  Room room;
  room.reader.reset();
  room.write("x");
  CHECK(room.flow.move(room.space) == Step::sink_fails);
  CHECK(room.flow.error() == EPIPE);
  room.flow.give_up();
  CHECK(room.flow.is_done());
}
