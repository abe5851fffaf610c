// SPDX-License-Identifier: MIT
// The running handlers and their ends.
#include "superd/server/supervisor.hpp"

#include <sys/wait.h>

#include <cerrno>
#include <map>

#include "superd/os/descriptors.hpp"
#include "superd/os/signals.hpp"
#include "tests/catch.hpp"
#include "tests/os/launching.hpp"

using namespace superd;

namespace {

ServicePtr service_of(const std::string& script, Process process = {}) {
  Service service;
  service.name = "hello";
  service.activation = RunHandler{"/bin/sh", {"sh", "-c", script}};
  service.process = std::move(process);
  return std::make_shared<const Service>(std::move(service));
}

Process patient() {
  Process process;
  process.stop_grace = std::chrono::hours(1);
  return process;
}

struct Room {
  BlockedSignals blocked;
  rlimit descriptors = raise_descriptor_limit();
  UniqueFd nothing = nowhere();
  PeerEnvironment peer{UnixPeer{}, 1};
  TaskDied died = [](const char*, const std::string& why) { throw std::runtime_error(why); };
  std::vector<ChildPtr> children;
  std::map<Child*, Ending> endings;
  Loop loop;
  Supervisor supervisor{loop};
  boost::asio::posix::stream_descriptor signals{loop, signal_descriptor().value().release()};

  Room() { spawn(loop, "follow", follow(), died); }

  Child* start(const ServicePtr& service, UniqueFd socket) {
    const auto handler = std::make_shared<Handler>(service, descriptors);
    auto child = supervisor.start(handler, socket.get(), nothing.get(), peer);
    if (!child) throw std::runtime_error(child.error().text);
    supervisor.hand_over(std::move(socket));
    children.push_back(std::move(*child));
    spawn(loop, "wait", wait(*children.back()), died);
    return children.back().get();
  }

  template <class Condition>
  bool until(Condition holds) {
    return comes_true([&] {
      loop.poll();
      return holds();
    });
  }
  Ending end_of(Child* child) {
    if (!until([&] { return endings.contains(child); })) throw std::runtime_error("no end");
    return endings.at(child);
  }
  // Reads with the loop running: it is the loop that closes superd's own copy of a connection.
  std::string rest_of(int fd) {
    for (int turn = 0; turn < 3; ++turn) loop.poll();
    return read_to_end(fd);
  }

 private:
  awaitable<void> wait(Child& child) {
    const Ending ending = co_await supervisor.wait(child);
    endings.emplace(&child, ending);
  }
  awaitable<void> follow() {
    for (;;) {
      const bool more = co_await readable(signals);
      if (!more) co_return;
      for (const ArrivedSignal& one : arrived_signals(signals.native_handle()))
        if (one.number == SIGCHLD) supervisor.learn_of_end(one.child);
    }
  }
};

}  // namespace

TEST_CASE("an end is learned, and what it was") {
  Room room;
  SocketPair pair;
  Child* child = room.start(service_of("echo hi; exit 3"), std::move(pair.server));
  const Ending ending = room.end_of(child);
  CHECK(WEXITSTATUS(ending.exit.status) == 3);
  CHECK(ending.exit.stop == Stop::none);
  CHECK(!ending.fault);
  CHECK(room.rest_of(pair.client.get()) == "hi\n");
}

TEST_CASE("a launch that failed ends with its step") {
  Room room;
  SocketPair pair;
  Process process;
  process.directory = "/no/such/directory";
  const Ending ending = room.end_of(room.start(service_of("", process), std::move(pair.server)));
  REQUIRE(ending.fault);
  CHECK(ending.fault->step == std::string("directory"));
  CHECK(ending.fault->error == ENOENT);
  CHECK(room.rest_of(pair.client.get()).empty());
}

TEST_CASE("a timeout is a stop") {
  Room room;
  SocketPair pair;
  Process process = patient();
  process.timeout = Milliseconds(50);
  Child* child = room.start(service_of("exec sleep 600", process), std::move(pair.server));
  const Ending ending = room.end_of(child);
  CHECK(WTERMSIG(ending.exit.status) == SIGTERM);
  CHECK(ending.exit.stop == Stop::timeout);
  CHECK(ending.exit.duration >= Milliseconds(50));
}

TEST_CASE("a handler that is asked to stop may do so in its own way") {
  Room room;
  SocketPair pair;
  Process process = patient();
  process.stop_signal = SIGUSR1;
  Child* child = room.start(service_of("trap 'echo bye; exit 5' USR1; echo there; "
                                       "while :; do sleep 0.05; done",
                                       process),
                            std::move(pair.server));
  CHECK(read_until(pair.client.get(), "\n") == "there\n");
  room.supervisor.stop(*child, Stop::client_gone);
  room.supervisor.stop(*child, Stop::shutdown);  // the first reason counts
  const Ending ending = room.end_of(child);
  CHECK(WEXITSTATUS(ending.exit.status) == 5);
  CHECK(ending.exit.stop == Stop::client_gone);
  CHECK(room.rest_of(pair.client.get()) == "bye\n");
}

TEST_CASE("a handler that won't stop is killed after its grace") {
  Room room;
  SocketPair pair;
  Process process;
  process.stop_grace = Milliseconds(50);
  Child* child =
      room.start(service_of("trap '' TERM; echo there; while :; do sleep 0.05; done", process),
                 std::move(pair.server));
  CHECK(read_until(pair.client.get(), "\n") == "there\n");
  room.supervisor.stop(*child, Stop::shutdown);
  const Ending ending = room.end_of(child);
  CHECK(WTERMSIG(ending.exit.status) == SIGKILL);
  CHECK(ending.exit.stop == Stop::shutdown);
  CHECK(room.rest_of(pair.client.get()).empty());
}

TEST_CASE("what a stopped handler leaves in its group is killed") {
  Room room;
  SocketPair pair;
  Child* child = room.start(service_of("trap 'exit 3' TERM; "
                                       "sh -c 'trap \"\" TERM; echo there; sleep 600' & wait",
                                       patient()),
                            std::move(pair.server));
  CHECK(read_until(pair.client.get(), "\n") == "there\n");
  room.supervisor.stop(*child, Stop::shutdown);
  CHECK(WEXITSTATUS(room.end_of(child).exit.status) == 3);
  CHECK(room.rest_of(pair.client.get()).empty());  // the one in the background is gone, too
}

TEST_CASE("what a handler leaves behind by itself goes on") {
  Room room;
  SocketPair pair;
  Child* child =
      room.start(service_of("exec 3<&0; (read line; echo got $line) <&3 & exit 0", patient()),
                 std::move(pair.server));
  CHECK(WEXITSTATUS(room.end_of(child).exit.status) == 0);
  CHECK(send_text(pair.client.get(), "this\n"));
  CHECK(room.rest_of(pair.client.get()) == "got this\n");
}

TEST_CASE("all are stopped, or killed") {
  const bool are_killed = GENERATE(false, true);
  Room room;
  std::vector<SocketPair> pairs(5);
  const std::string script = are_killed ? "trap '' TERM; echo there; while :; do sleep 0.05; done"
                                        : "echo there; exec sleep 600";
  for (SocketPair& pair : pairs) room.start(service_of(script, patient()), std::move(pair.server));
  for (SocketPair& pair : pairs) CHECK(read_until(pair.client.get(), "\n") == "there\n");
  room.supervisor.stop_all(Stop::shutdown);
  if (are_killed) room.supervisor.kill_all();
  for (const ChildPtr& child : room.children) {
    const Ending ending = room.end_of(child.get());
    CHECK(WTERMSIG(ending.exit.status) == (are_killed ? SIGKILL : SIGTERM));
    CHECK(ending.exit.stop == Stop::shutdown);
  }
}

// More than are all asked at every end, ended at once: their signals are merged.
TEST_CASE("all of many ends are learned") {
  constexpr std::size_t many = 300;
  Room room;
  std::vector<UniqueFd> clients;
  const ServicePtr service = service_of("exec cat");
  for (std::size_t i = 0; i < many; ++i) {
    SocketPair pair;
    room.start(service, std::move(pair.server));
    clients.push_back(moved_high(std::move(pair.client)).value());
    room.loop.poll();
  }
  clients.clear();
  CHECK(room.until([&] { return room.endings.size() == many; }));
  for (const auto& [child, ending] : room.endings) {
    CHECK(ending.exit.status == 0);
    CHECK(!ending.fault);
  }
  CHECK(!reap(-1));
}

TEST_CASE("one that ends among many that stay is learned of") {
  constexpr std::size_t many = 210;
  Room room;
  std::vector<UniqueFd> clients;
  const ServicePtr service = service_of("exec cat", patient());
  for (std::size_t i = 0; i < many; ++i) {
    SocketPair pair;
    room.start(service, std::move(pair.server));
    clients.push_back(moved_high(std::move(pair.client)).value());
    room.loop.poll();
  }
  clients.front().reset();  // the oldest
  room.end_of(room.children.front().get());
  CHECK(room.endings.size() == 1);
  room.supervisor.kill_all();
  CHECK(room.until([&] { return room.endings.size() == many; }));
}
