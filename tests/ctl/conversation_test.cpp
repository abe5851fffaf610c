// SPDX-License-Identifier: MIT
// One request and its answer over a real socket, whose other end the test holds.
#include "superd/ctl/conversation.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "tests/catch.hpp"
#include "tests/patience.hpp"
#include "tests/scratch.hpp"

using namespace superd;
using namespace std::chrono_literals;

namespace {

const std::array<std::string, 2> words{"status", "a b"};

// Listens, and has one client.
class Listening {
 public:
  Listening() : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), std::begin(address.sun_path));
    REQUIRE(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(socket_.get(), 8) == 0);
  }

  // What it asked, and the connection to answer on.
  UniqueFd client(std::string* asked = nullptr) {
    UniqueFd fd(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    char buffer[256];
    const ssize_t got = recv(fd.get(), buffer, sizeof buffer, 0);
    if (asked && got > 0) asked->assign(buffer, static_cast<std::size_t>(got));
    return fd;
  }

  Scratch scratch;
  const std::string path = scratch / "control.sock";

 private:
  UniqueFd socket_;
};

}  // namespace

TEST_CASE("an answer comes line by line, and then its end") {
  Listening superd;
  auto conversation = Conversation::open(superd.path, words, 5s);
  REQUIRE(conversation.has_value());
  std::string asked;
  {
    const UniqueFd client = superd.client(&asked);
    REQUIRE(send_text(client.get(), "{\"ok\":true}\nsecond\n"));
  }
  CHECK(asked == "status 'a b'\n");
  CHECK(**conversation->next_line(5s) == "{\"ok\":true}");
  CHECK(**conversation->next_line(5s) == "second");
  CHECK(!*conversation->next_line(5s));
}

TEST_CASE("an end in the middle of a line is told") {
  Listening superd;
  auto conversation = Conversation::open(superd.path, words, 5s);
  REQUIRE(conversation.has_value());
  {
    const UniqueFd client = superd.client();
    REQUIRE(send_text(client.get(), "{\"ok\":tr"));
  }
  CHECK(conversation->next_line(5s).error().text == "superd went away in the middle of its answer");
}

TEST_CASE("who never answers is not waited for longer than said") {
  Listening superd;
  auto conversation = Conversation::open(superd.path, words, 5s);
  REQUIRE(conversation.has_value());
  const auto line = conversation->next_line(20ms);
  REQUIRE(!line.has_value());
  CHECK(line.error().number == ETIMEDOUT);
  CHECK(line.error().text == "superd gave no answer within 20ms");
}

TEST_CASE("why there is nobody to talk to is said") {
  const Scratch scratch;
  const auto missing = Conversation::open(scratch / "none.sock", words, 5s);
  CHECK(missing.error().number == ENOENT);
  const auto too_long = Conversation::open("/" + std::string(200, 'x'), words, 5s);
  CHECK(too_long.error().number == ENAMETOOLONG);
  const std::string path = scratch.file("plain");
  CHECK(Conversation::open(path, words, 5s).error().number == ECONNREFUSED);
}
