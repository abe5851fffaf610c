// SPDX-License-Identifier: MIT
// What a service manager hears: a socket of the test's own stands in for it.
#include "superd/os/notify_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

#include "superd/core/address.hpp"
#include "superd/os/fd.hpp"
#include "superd/os/socket_address.hpp"
#include "tests/patience.hpp"
#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;
using namespace std::chrono_literals;

namespace {

// A variable, and what it was before.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  ~Variable() { before_ ? setenv(name_, before_->c_str(), 1) : unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

struct Heard {
  std::string words;
  std::vector<UniqueFd> sockets;
  pid_t sender = 0;
};

void take_control(const msghdr& message, Heard& heard) {
  for (const cmsghdr* one = CMSG_FIRSTHDR(&message); one;
       one = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(one))) {
    if (one->cmsg_type == SCM_RIGHTS) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(one), sizeof fd);
      heard.sockets.emplace_back(fd);
    } else if (one->cmsg_type == SCM_CREDENTIALS) {
      ucred credentials{};
      std::memcpy(&credentials, CMSG_DATA(one), sizeof credentials);
      heard.sender = credentials.pid;
    }
  }
}

class Ear {
 public:
  Ear() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const KernelAddress address = to_kernel(UnixAddress{path_, false});
    if (bind(socket_.get(), address.get(), address.length) != 0) throw std::runtime_error(path_);
    const int on = 1;
    setsockopt(socket_.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  }

  Heard next() {
    Heard heard;
    if (!becomes_readable(socket_.get())) return heard;
    char text[4096];
    alignas(cmsghdr) char control[256];
    iovec words{text, sizeof text};
    msghdr message{};
    message.msg_iov = &words;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t n = recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
    if (n > 0) heard.words.assign(text, static_cast<std::size_t>(n));
    take_control(message, heard);
    return heard;
  }

  bool is_quiet() const {
    char byte = 0;
    return recv(socket_.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
  }

 private:
  Scratch scratch_;
  std::string path_ = scratch_ / "notify";
  UniqueFd socket_;
  Variable variable_{"NOTIFY_SOCKET", path_};
};

UniqueFd stream_socket() { return UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

ino_t number_of(int socket) {
  struct stat status {};
  fstat(socket, &status);
  return status.st_ino;
}

}  // namespace

TEST_CASE("without a manager all is said to nobody, and no descriptor is used") {
  const bool is_set = GENERATE(true, false);
  const Variable variable("NOTIFY_SOCKET", "");
  if (!is_set) unsetenv("NOTIFY_SOCKET");
  CHECK(!NotifySocket::is_there());
  CHECK(NotifySocket::ready("serving"));
  CHECK(NotifySocket::reloading());
  CHECK(NotifySocket::stopping(1s));
  CHECK(NotifySocket::status("x"));
  CHECK(NotifySocket::main_pid(1));
  CHECK(NotifySocket::keep_alive());
  CHECK(NotifySocket::store(-1));
  CHECK(NotifySocket::forget(-1));
  const Variable interval("WATCHDOG_USEC", "1000000");
  CHECK(!NotifySocket::watchdog());
}

TEST_CASE("the manager hears each state in its own words, from this process") {
  Ear ear;
  CHECK(NotifySocket::is_there());
  CHECK(NotifySocket::ready("5 services"));
  const Heard ready = ear.next();
  CHECK(ready.words == "READY=1\nSTATUS=5 services");
  CHECK(ready.sender == getpid());
  CHECK(NotifySocket::stopping(90s));
  CHECK(ear.next().words == "STOPPING=1\nEXTEND_TIMEOUT_USEC=90000000");
  CHECK(NotifySocket::status("12 running"));
  CHECK(ear.next().words == "STATUS=12 running");
  CHECK(NotifySocket::main_pid(4711));
  CHECK(ear.next().words == "MAINPID=4711");
  CHECK(NotifySocket::keep_alive());
  CHECK(ear.next().words == "WATCHDOG=1");
  CHECK(ear.is_quiet());
}

TEST_CASE("a reload says when it began, by the clock that doesn't jump") {
  Ear ear;
  timespec before{}, after{};
  clock_gettime(CLOCK_MONOTONIC, &before);
  CHECK(NotifySocket::reloading());
  clock_gettime(CLOCK_MONOTONIC, &after);
  const std::string words = ear.next().words;
  const std::string beginning = "RELOADING=1\nMONOTONIC_USEC=";
  REQUIRE(words.substr(0, beginning.size()) == beginning);
  const long long told = std::stoll(words.substr(beginning.size()));
  CHECK(told >= before.tv_sec * 1'000'000LL + before.tv_nsec / 1000);
  CHECK(told <= after.tv_sec * 1'000'000LL + after.tv_nsec / 1000);
}

TEST_CASE("a status can't smuggle in another word") {
  Ear ear;
  CHECK(NotifySocket::status("evil\nMAINPID=1\rX\tY"));
  CHECK(ear.next().words == "STATUS=evil MAINPID=1 X Y");
  CHECK(NotifySocket::ready("\nSTOPPING=1"));
  CHECK(ear.next().words == "READY=1\nSTATUS= STOPPING=1");
}

TEST_CASE("a manager that went away is an error, not a wait") {
  Variable variable("NOTIFY_SOCKET", "/nonexistent/notify");
  CHECK(NotifySocket::is_there());
  const auto told = NotifySocket::ready("serving");
  REQUIRE(!told);
  CHECK(told.error().number == ENOENT);
  CHECK(told.error().text.find("NOTIFY_SOCKET") == 0);
}

TEST_CASE("the watchdog is for the process it names") {
  Ear ear;
  CHECK(!NotifySocket::watchdog());
  const Variable interval("WATCHDOG_USEC", "2500000");
  CHECK(NotifySocket::watchdog() == 2500ms);
  {
    const Variable own("WATCHDOG_PID", std::to_string(getpid()));
    CHECK(NotifySocket::watchdog() == 2500ms);
  }
  const Variable foreign("WATCHDOG_PID", std::to_string(getppid()));
  CHECK(!NotifySocket::watchdog());
}

TEST_CASE("a stored socket arrives whole, under a name of its own") {
  Ear ear;
  const UniqueFd first = stream_socket(), second = stream_socket();
  CHECK(NotifySocket::store(first.get()));
  CHECK(NotifySocket::store(second.get()));
  const Heard one = ear.next(), other = ear.next();
  REQUIRE(one.sockets.size() == 1);
  REQUIRE(other.sockets.size() == 1);
  CHECK(number_of(one.sockets[0].get()) == number_of(first.get()));
  CHECK(number_of(other.sockets[0].get()) == number_of(second.get()));
  CHECK(one.words == "FDSTORE=1\nFDPOLL=0\nFDNAME=s" + std::to_string(number_of(first.get())));
  CHECK(one.words != other.words);
  CHECK(is_open(first.get()));
}

TEST_CASE("a socket is forgotten under the name it was stored with, at whatever descriptor it is") {
  Ear ear;
  const UniqueFd socket = stream_socket();
  CHECK(NotifySocket::store(socket.get()));
  const std::string stored = ear.next().words;
  const UniqueFd again(dup(socket.get()));
  CHECK(NotifySocket::forget(again.get()));
  const Heard forgotten = ear.next();
  CHECK(forgotten.words == "FDSTOREREMOVE=1\n" + stored.substr(stored.find("FDNAME=")));
  CHECK(forgotten.sockets.empty());
}

TEST_CASE("what isn't open can't be stored") {
  Ear ear;
  CHECK(!NotifySocket::store(-1));
  CHECK(!NotifySocket::forget(-1));
  CHECK(ear.is_quiet());
}
