// SPDX-License-Identifier: MIT
// Who is taken in, who may, who has to go, and how it ends.
#include "superd/server/control.hpp"

#include <grp.h>
#include <sys/resource.h>

#include "superd/os/descriptors.hpp"
#include "tests/fork.hpp"
#include "tests/server/control_room.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

using Clients = std::vector<UniqueFd>;

Clients idle_clients(const std::string& path, std::size_t number) {
  Clients all(number);
  for (UniqueFd& client : all) client = knock(path);
  return all;
}

std::string told(ControlFault fault, const std::string& error) {
  return failure(fault, error).line + "\n";
}

const std::string all_served =
    told(ControlFault::failed, "superd serves 64 control clients already; try again later");
const std::string displaced =
    told(ControlFault::failed,
         "others came while no request did; superd serves 64 control clients at once");

std::string may_not(const std::string& what) {
  return told(ControlFault::not_permitted,
              "user 42 may not " + what + "; daemon.control_access says who may");
}

// Whether user 42 is given `answer`.
bool stranger_is_told(const std::string& path, const std::string& request,
                      const std::string& answer) {
  return in_a_child([&] {
           if (setgroups(0, nullptr) != 0 || setresgid(41, 41, 41) != 0 ||
               setresuid(42, 42, 42) != 0)
             return 1;
           return ask(path, request) == answer ? 0 : 2;
         }) == 0;
}

ControlSettings for_all(Accounts read = {}, Accounts change = {}) {
  ControlSettings settings;
  settings.mode = 0666;
  settings.read = std::move(read);
  settings.change = std::move(change);
  return settings;
}

}  // namespace

TEST_CASE("a thousand idle clients keep nobody waiting") {
  raise_descriptor_limit();
  ControlRoom room;
  const std::ptrdiff_t before = open_descriptors();
  Clients idle = idle_clients(room.path, 1000);
  const auto asked = Clock::now();
  CHECK(ask(room.path, "status\n") == answer_of("status"));
  CHECK(Clock::now() - asked < std::chrono::seconds(1));
  CHECK(comes_true([&] { return room.clients() <= Control::most_clients; }));
  CHECK(read_to_end(idle[0].get()) == displaced);
  CHECK(room.clients() > 0);
  idle.clear();
  CHECK(room.has_clients(0));
  CHECK(comes_true([&] { return open_descriptors() == before; }));
}

TEST_CASE("the one that has waited longest goes first") {
  ControlRoom room;
  Clients idle = idle_clients(room.path, Control::most_clients);
  REQUIRE(room.has_clients(Control::most_clients));
  const UniqueFd next = knock(room.path);
  CHECK(read_to_end(idle[0].get()) == displaced);
  REQUIRE(room.has_clients(Control::most_clients));
  send_text(idle[1].get(), "status\n");
  CHECK(read_to_end(idle[1].get()) == answer_of("status"));
  send_text(next.get(), "ps\n");
  CHECK(read_to_end(next.get()) == answer_of("ps"));
}

TEST_CASE("where all are being served the next is told so, and nobody has to go") {
  ControlRoom room;
  Clients served = idle_clients(room.path, Control::most_clients);
  for (const UniqueFd& client : served) send_text(client.get(), "reload\n");
  REQUIRE(comes_true([&] { return room.commands.asked == 64; }));
  CHECK(ask(room.path, "status\n") == all_served);
  room.commands.holds = false;
  for (const UniqueFd& client : served) CHECK(read_to_end(client.get()) == answer_of("reload"));
  CHECK(ask(room.path, "status\n") == answer_of("status"));
}

TEST_CASE("nobody but root and superd's own user may, unless the table names them") {
  if (geteuid() != 0) return skipped("only root becomes another");
  ControlRoom room(for_all());
  CHECK(stranger_is_told(room.path, "status\n", may_not("ask superd anything")));
  CHECK(stranger_is_told(room.path, "nonsense\n", may_not("ask superd anything")));
  CHECK(ask(room.path, "status\n") == answer_of("status"));
  CHECK(room.commands.asked == 1);
}

TEST_CASE("who may read may not change; what the table says counts from the next request on") {
  if (geteuid() != 0) return skipped("only root becomes another");
  ControlRoom room(for_all({{42}, {}}));
  CHECK(stranger_is_told(room.path, "status\n", answer_of("status")));
  CHECK(stranger_is_told(room.path, "diff\n", answer_of("diff")));
  CHECK(stranger_is_told(room.path, "diff /etc/shadow\n", may_not("use 'diff' with arguments")));
  CHECK(stranger_is_told(room.path, "pause a\n", may_not("use 'pause'")));
  room.with_control([](Control& control) { control.permit(for_all({}, {{}, {41}})); });
  CHECK(stranger_is_told(room.path, "pause a\n", answer_of("pause")));
  CHECK(stranger_is_told(room.path, "status\n", answer_of("status")));
  room.with_control([](Control& control) { control.permit(for_all()); });
  CHECK(stranger_is_told(room.path, "status\n", may_not("ask superd anything")));
}

TEST_CASE("strangers take strangers' places only") {
  if (geteuid() != 0) return skipped("only root becomes another");
  ControlRoom room(for_all());
  Clients ours = idle_clients(room.path, Control::most_clients - 1);
  REQUIRE(room.has_clients(Control::most_clients - 1));
  const int status = in_a_child([&] {
    if (setgroups(0, nullptr) != 0 || setresuid(42, 42, 42) != 0) return 1;
    const Clients many = idle_clients(room.path, 100);
    for (std::size_t i = 0; i < 99; ++i) {
      if (read_to_end(many[i].get()) != displaced) return 2;
    }
    return 0;
  });
  CHECK(status == 0);
  REQUIRE(room.has_clients(Control::most_clients - 1));
  ours.push_back(knock(room.path));
  REQUIRE(room.has_clients(Control::most_clients));
  CHECK(stranger_is_told(room.path, "status\n", all_served));
  for (const UniqueFd& client : ours) {
    send_text(client.get(), "status\n");
    CHECK(read_to_end(client.get()) == answer_of("status"));
  }
}

TEST_CASE("an answer may take long; who is gone meanwhile is answered for nothing") {
  ControlRoom room;
  const std::ptrdiff_t before = open_descriptors();
  UniqueFd gone = knock(room.path);
  const UniqueFd stays = knock(room.path);
  send_text(gone.get(), "reload\n");
  send_text(stays.get(), "reload\n");
  REQUIRE(comes_true([&] { return room.commands.asked == 2; }));
  gone.reset();
  CHECK(ask(room.path, "status\n") == answer_of("status"));
  room.commands.holds = false;
  CHECK(read_to_end(stays.get()) == answer_of("reload"));
  CHECK(room.has_clients(0));
  CHECK(room.commands.answered == 3);
  CHECK(comes_true([&] { return open_descriptors() == before + 1; }));  // `stays`
}

TEST_CASE("a command that dies takes only its client along") {
  ControlRoom room;
  CHECK(ask(room.path, "drain\n").empty());
  CHECK(comes_true([&] { return room.deaths() == "attend a control client: a bug\n"; }));
  CHECK(ask(room.path, "status\n") == answer_of("status"));
  CHECK(room.has_clients(0));
}

TEST_CASE("another socket takes the place of the first; who is in stays in") {
  ControlRoom room;
  const UniqueFd early = knock(room.path);
  REQUIRE(room.has_clients(1));
  room.with_control([&](Control& control) {
    control.listen_on(open_control_socket(room.other_path, {}).value());
  });
  CHECK(!std::filesystem::exists(room.path));
  CHECK(!knock(room.path));
  CHECK(ask(room.other_path, "status\n") == answer_of("status"));
  send_text(early.get(), "ps\n");
  CHECK(read_to_end(early.get()) == answer_of("ps"));
}

TEST_CASE("a socket can be taken away, and given back with those who wait in its backlog") {
  ControlRoom room;
  auto taken = room.with_control([](Control& control) { return control.stop_listening(); });
  REQUIRE(taken);
  CHECK(room.with_control([](Control& control) { return control.listener(); }) == -1);
  CHECK(!room.with_control([](Control& control) { return control.stop_listening(); }));
  const UniqueFd waits = knock(room.path);
  REQUIRE(waits);
  send_text(waits.get(), "status\n");
  const int number = taken->socket.get();
  room.with_control([&](Control& control) { control.listen_on(std::move(*taken)); });
  CHECK(room.with_control([](Control& control) { return control.listener(); }) == number);
  CHECK(read_to_end(waits.get()) == answer_of("status"));
}

TEST_CASE("a request that an earlier superd was asked is answered by the next") {
  ControlRoom room;
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  const UniqueFd asks(ends[0]);
  room.with_control([&](Control& control) {
    control.reply_to(UniqueFd(ends[1]), ControlReply{true, R"({"ok":true})"});
  });
  CHECK(read_to_end(asks.get()) == "{\"ok\":true}\n");
  CHECK(room.has_clients(0));
}

TEST_CASE("at the end those who ask nothing go, the others are answered, and the path is gone") {
  ControlRoom room;
  const UniqueFd idle = knock(room.path), served = knock(room.path);
  send_text(served.get(), "reload\n");
  REQUIRE(comes_true([&] { return room.commands.asked == 1 && room.clients() == 2; }));
  std::thread lets_go([&] {
    comes_true([&] { return !std::filesystem::exists(room.path); });
    room.commands.holds = false;
  });
  room.end();
  lets_go.join();
  CHECK(read_to_end(idle.get()) == told(ControlFault::failed, "superd is stopping"));
  CHECK(read_to_end(served.get()) == answer_of("reload"));
  CHECK(room.clients() == 0);
}

TEST_CASE("the end waits for nobody longer than a second") {
  ControlRoom room;
  const UniqueFd served = knock(room.path);
  send_text(served.get(), "reload\n");
  REQUIRE(comes_true([&] { return room.commands.asked == 1; }));
  const auto began = Clock::now();
  room.end();
  CHECK(Clock::now() - began < std::chrono::seconds(10));
}

TEST_CASE("what ends while clients are here leaves nothing behind") {
  const std::ptrdiff_t before = open_descriptors();
  {
    ControlRoom room;
    const UniqueFd idle = knock(room.path), follows = knock(room.path), served = knock(room.path);
    send_text(follows.get(), "events --follow\n");
    send_text(served.get(), "reload\n");
    REQUIRE(comes_true([&] { return room.commands.asked == 2 && room.clients() == 3; }));
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("out of descriptors it neither spins nor stays deaf") {
  // 1: the client isn't there, 2: taken in all the same, 3: it spun, 4: it stayed deaf.
  const int status = in_a_child([] {
    Loop loop;
    SteeredCommands commands;
    Feed feed;
    const TaskDied died = [](const char*, const std::string&) {};
    Control control(loop, commands, feed, died);
    const Scratch scratch;
    control.listen_on(open_control_socket(scratch / "control.sock", {}).value());
    const UniqueFd client = knock(scratch / "control.sock");
    if (!client || !send_text(client.get(), "status\n")) return 1;
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const rlimit short_of{0, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &short_of);
    loop.run_for(Milliseconds(500));
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    if (control.clients() != 0) return 2;
    const auto spent = std::chrono::seconds(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                       std::chrono::microseconds(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    if (spent > Milliseconds(300)) return 3;
    setrlimit(RLIMIT_NOFILE, &before);
    for (int i = 0; i < 100 && commands.answered == 0; ++i) loop.run_for(Milliseconds(100));
    return read_until(client.get(), "\n") == answer_of("status") ? 0 : 4;
  });
  CHECK(status == 0);
}
