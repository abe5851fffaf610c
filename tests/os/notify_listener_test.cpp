// SPDX-License-Identifier: MIT
// Messages of programs: who sent them, and that nothing that comes along stays.
#include "superd/os/notify_listener.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "superd/os/descriptors.hpp"
#include "tests/fork.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

struct Hearing {
  UniqueFd listener = open_notify_listener().value();
  std::string address = notify_address(listener.get()).value();
};

UniqueFd speaker_to(const std::string& address) {
  UniqueFd speaker(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un there{};
  there.sun_family = AF_UNIX;
  std::memcpy(there.sun_path + 1, address.data() + 1, address.size() - 1);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
  if (connect(speaker.get(), reinterpret_cast<const sockaddr*>(&there), length) != 0)
    throw std::runtime_error(errno_text(errno));
  return speaker;
}

bool send_with(int speaker, const std::string& text, std::size_t descriptors) {
  std::string bytes = text;
  iovec content{bytes.data(), bytes.size()};
  std::string notes(CMSG_SPACE(descriptors * sizeof(int)), '\0');
  msghdr message{};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  message.msg_control = notes.data();
  message.msg_controllen = notes.size();
  cmsghdr* note = CMSG_FIRSTHDR(&message);
  note->cmsg_level = SOL_SOCKET;
  note->cmsg_type = SCM_RIGHTS;
  note->cmsg_len = CMSG_LEN(descriptors * sizeof(int));
  for (std::size_t i = 0; i < descriptors; ++i)
    std::memcpy(CMSG_DATA(note) + i * sizeof(int), &speaker, sizeof speaker);
  return sendmsg(speaker, &message, 0) == static_cast<ssize_t>(bytes.size());
}

std::ptrdiff_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::distance(begin(all), end(all));
}

}  // namespace

TEST_CASE("a program's message comes with its pid") {
  const Hearing hearing;
  CHECK(hearing.listener.get() >= first_high_descriptor);
  CHECK(closes_on_exec(hearing.listener.get()));
  CHECK(take_notify_note(hearing.listener.get(), 100).error().number == EAGAIN);
  pid_t child = 0;
  int pids[2];
  REQUIRE(pipe(pids) == 0);
  const int sent = in_a_child([&] {
    const pid_t own = getpid();
    setenv("NOTIFY_SOCKET", hearing.address.c_str(), 1);
    const bool told = write(pids[1], &own, sizeof own) == sizeof own;
    return told && sd_notify(0, "READY=1\nSTATUS=up") > 0 ? 0 : 1;
  });
  REQUIRE(sent == 0);
  REQUIRE(read(pids[0], &child, sizeof child) == sizeof child);
  close(pids[0]);
  close(pids[1]);
  const auto note = take_notify_note(hearing.listener.get(), 100);
  REQUIRE(note);
  CHECK(note->sender == child);
  CHECK(note->text == "READY=1\nSTATUS=up");
}

TEST_CASE("each listener has a name of its own") {
  const Hearing one, other;
  CHECK(one.address.front() == '@');
  CHECK(one.address != other.address);
}

TEST_CASE("descriptors that come along are closed, however many") {
  const std::size_t count = GENERATE(1U, 2U, 253U);
  CAPTURE(count);
  const Hearing hearing;
  const UniqueFd speaker = speaker_to(hearing.address);
  const auto before = open_descriptors();
  REQUIRE(send_with(speaker.get(), "FDSTORE=1", count));
  const auto note = take_notify_note(hearing.listener.get(), 100);
  REQUIRE(note);
  CHECK(note->text == "FDSTORE=1");
  CHECK(note->sender == getpid());
  CHECK(open_descriptors() == before);
}

TEST_CASE("a long message is cut, an empty one is one") {
  const Hearing hearing;
  const UniqueFd speaker = speaker_to(hearing.address);
  const std::string text(5000, 'x');
  REQUIRE(send(speaker.get(), text.data(), text.size(), 0) == 5000);
  REQUIRE(send(speaker.get(), "", 0, 0) == 0);
  CHECK(take_notify_note(hearing.listener.get(), 100)->text == std::string(100, 'x'));
  CHECK(take_notify_note(hearing.listener.get(), 100)->text.empty());
  CHECK(!take_notify_note(hearing.listener.get(), 100));
}

TEST_CASE("who leads a session is told while the process is there") {
  CHECK(session_leader(getpid()) == getsid(0));
  CHECK(session_leader(0) == 0);
  CHECK(session_leader(-1) == 0);
  CHECK(session_leader(4'194'304) == 0);
}
