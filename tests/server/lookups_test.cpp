// SPDX-License-Identifier: MIT
// Questions and answers, with a superd-lookup that does whatever it may do wrong.
#include "superd/server/lookups.hpp"

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/server/lookup_room.hpp"

using namespace superd;
using namespace std::chrono_literals;

namespace {

using Names = std::vector<std::string>;
using Lines = std::vector<std::string>;

const NameAnswer the_name = Names{"host.example.org"};

LookupLimits impatient() {
  LookupLimits limits;
  limits.longest_wait = 300ms;
  return limits;
}

LookupLimits watchful() {
  LookupLimits limits;
  limits.longest_silence = 200ms;
  limits.first_pause = 1ms;
  return limits;
}

std::size_t count_in(const Lines& lines, const std::string& text) {
  return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [&](const auto& line) {
    return line.find(text) != std::string::npos;
  }));
}

}  // namespace

TEST_CASE("an address is asked for once, and then known") {
  LookupRoom room;
  CHECK(!room.lookups.is_running());
  CHECK(room.names_of("10.0.0.1") == the_name);
  CHECK(room.names_of("10.0.0.1") == the_name);
  CHECK(room.names_of("::ffff:10.0.0.1") == the_name);  // the same host
  CHECK(room.names_of("10.2.0.1") == NameAnswer(Names{}));
  CHECK(room.names_of("10.2.0.1") == NameAnswer(Names{}));
  CHECK(room.names_of("10.3.0.1") == std::nullopt);
  CHECK(room.names_of("10.3.0.1") == std::nullopt);  // kept for a while, too
  CHECK(room.asked() == Lines{"1 names 10.0.0.1", "2 names 10.2.0.1", "3 names 10.3.0.1"});
  const LookupCounts& counts = room.lookups.counts();
  CHECK(counts.asked == 7);
  CHECK(counts.known == 4);
  CHECK(counts.looked_up == 3);
  CHECK(counts.unanswered == 1);
}

TEST_CASE("a crowd that asks for one address is one question") {
  LookupRoom room;
  std::vector<LookupRoom::Coming<NameAnswer>> all;
  for (int i = 0; i < 200; ++i) all.push_back(room.ask("10.0.0.1"));
  for (const auto& one : all) CHECK(room.answer<NameAnswer>(one) == the_name);
  CHECK(room.asked() == Lines{"1 names 10.0.0.1"});
}

TEST_CASE("many addresses are all answered, a few at a time") {
  LookupRoom room;
  std::vector<LookupRoom::Coming<NameAnswer>> all;
  for (int i = 0; i < 500; ++i)
    all.push_back(room.ask("10.0." + std::to_string(i % 50) + "." + std::to_string(i / 50)));
  for (const auto& one : all) CHECK(room.answer<NameAnswer>(one) == the_name);
  CHECK(room.lookups.counts().unanswered == 0);
}

TEST_CASE("verdicts are asked for each time") {
  LookupRoom room;
  const InetPeer tcp{Transport::tcp, {ipv4(0x0A000001), 50000}, {ipv4(0x0A000002), 22}};
  UnixPeer local;
  local.uid = 5;
  for (int i = 0; i < 2; ++i) {
    const auto allowed = room.ask_hosts_access("allowed", tcp);
    CHECK(room.answer<HostsAccessAnswer>(allowed) == HostsVerdict::allowed);
  }
  CHECK(room.answer<HostsAccessAnswer>(room.ask_hosts_access("denied", local)) ==
        HostsVerdict::denied);
  CHECK(room.answer<HostsAccessAnswer>(room.ask_hosts_access("failed", local)) == std::nullopt);
  CHECK(room.asked() == Lines{"1 hosts_access allowed 10.0.0.1 50000 10.0.0.2 22",
                              "2 hosts_access allowed 10.0.0.1 50000 10.0.0.2 22",
                              "3 hosts_access denied uid 5", "4 hosts_access failed uid 5"});
}

TEST_CASE("who gets no answer waits until the deadline, and others are answered") {
  LookupRoom room(impatient());
  const auto begin = Clock::now();
  const auto never = room.ask("10.9.0.1");
  CHECK(room.names_of("10.0.0.1") == the_name);
  CHECK(room.answer<NameAnswer>(never) == std::nullopt);
  CHECK(Clock::now() - begin >= 300ms);
  CHECK(room.lookups.counts().unanswered == 1);
}

TEST_CASE("a network has its part, and the others go first meanwhile") {
  LookupRoom room;
  std::vector<LookupRoom::Coming<NameAnswer>> stuck;
  for (int i = 1; i <= 20; ++i) stuck.push_back(room.ask("10.9.0." + std::to_string(i)));
  CHECK(room.names_of("10.0.0.1") == the_name);
  CHECK(count_in(room.asked(), "10.9.0.") == 4);
  CHECK(room.lookups.counts().looked_up == 5);
}

TEST_CASE("when too many wait, the next isn't kept waiting") {
  LookupLimits limits;
  limits.waiting = 10;
  limits.waiting_of_one = 6;
  LookupRoom room(limits);
  std::vector<LookupRoom::Coming<NameAnswer>> stuck;
  for (int i = 1; i <= 6; ++i) stuck.push_back(room.ask("10.9.0." + std::to_string(i)));
  CHECK(room.is_refused("10.9.0.7"));  // its network has its part
  CHECK(room.is_refused("10.9.0.1"));  // who asks the same waits no less
  for (int i = 1; i <= 4; ++i) stuck.push_back(room.ask("10.9.1." + std::to_string(i)));
  CHECK(room.is_refused("10.0.2.1"));
  CHECK(room.lookups.counts().refused == 3);
  for (const auto& one : stuck) CHECK(!one->has_value());
}

TEST_CASE("when superd-lookup dies, who waits has no answer, and the next has another one") {
  LookupRoom room(watchful());
  const auto other = room.ask("10.9.0.1");
  CHECK(room.names_of("10.6.0.1") == std::nullopt);
  CHECK(room.answer<NameAnswer>(other) == std::nullopt);
  CHECK(room.log.shows("superd-lookup ended by signal KILL; 2 lookups without an answer"));
  CHECK(room.names_of("10.0.0.1") == the_name);
}

TEST_CASE("one that always dies is started less and less, and that is said once") {
  LookupLimits limits;
  limits.first_pause = 20ms;
  LookupRoom room(limits);
  const auto begin = Clock::now();
  for (int i = 1; i <= 5; ++i) CHECK(room.names_of("10.6.0." + std::to_string(i)) == std::nullopt);
  CHECK(Clock::now() - begin >= 20ms + 40ms + 80ms + 160ms);
  CHECK(room.times_logged("superd-lookup ended by signal KILL") == 1);
}

TEST_CASE("one that hangs is killed, and the next question is answered") {
  LookupRoom room(watchful());
  CHECK(room.names_of("10.7.0.1") == std::nullopt);
  CHECK(room.log.shows("superd-lookup was ended: it gave no answer for long; 1 lookup without"));
  CHECK(room.names_of("10.0.0.1") == the_name);
}

TEST_CASE("one that talks nonsense is ended") {
  LookupRoom room(watchful());
  CHECK(room.names_of("10.5.0.1") == std::nullopt);
  CHECK(room.log.shows("superd-lookup was ended: it sent what is no answer; 1 lookup without"));
  CHECK(room.names_of("10.0.0.1") == the_name);
  CHECK(room.names_of("10.4.0.1") == std::nullopt);
  CHECK(room.log.shows("superd-lookup was ended: it sent an answer to another question; 1 lookup"));
  CHECK(room.names_of("10.0.0.2") == the_name);
}

TEST_CASE("one that ends the conversation is ended") {
  LookupRoom room(watchful());
  CHECK(room.names_of("10.8.0.1") == std::nullopt);
  CHECK(room.names_of("10.0.0.1") == the_name);
}

TEST_CASE("where there is no such program, nobody waits for it") {
  LookupRoom room(watchful());
  room.lookups.use(room.another("/no/such/program"));
  CHECK(room.names_of("10.0.0.1") == std::nullopt);
  CHECK(
      room.log.shows("superd-lookup could not be started: step 'exec' failed: No such file or "
                     "directory; 1 lookup without an answer"));
  room.lookups.use(room.another(room.scratch / "superd-lookup"));
  CHECK(room.names_of("10.0.0.1") == the_name);
}

TEST_CASE("it is started with little, and its words go to the log") {
  LookupRoom room;
  CHECK(room.names_of("10.1.0.1") == the_name);
  CHECK(room.log.shows("service 'superd-lookup': stderr: descriptors 0 1 2 core 0 in / search ."));
}

TEST_CASE("without questions it is ended, and the next starts another") {
  LookupLimits limits;
  limits.idle = 50ms;
  LookupRoom room(limits);
  CHECK(room.names_of("10.0.0.1") == the_name);
  CHECK(room.until([&] { return !room.lookups.is_running(); }));
  CHECK(room.names_of("10.0.0.2") == the_name);
  CHECK(room.until([&] { return !room.lookups.is_running(); }));
  CHECK(room.times_logged("superd-lookup ended") == 0);
}

TEST_CASE("at the end of superd nobody is kept waiting") {
  LookupRoom room;
  const auto never = room.ask("10.9.0.1");
  CHECK(room.until([&] { return !room.asked().empty(); }));
  room.lookups.close();
  CHECK(room.answer<NameAnswer>(never) == std::nullopt);
  CHECK(room.is_refused("10.0.0.1"));
  CHECK(!room.lookups.is_running());
}

TEST_CASE("the program itself answers, as nobody where superd is root") {
  const Scratch scratch;
  const std::string own = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string program = scratch / "superd-lookup";
  std::filesystem::copy_file(own_program(own, "superd-lookup"), program);
  std::filesystem::permissions(scratch.path(), std::filesystem::perms(0711));
  LookupRoom room;
  std::optional<Identity> nobody;
  if (geteuid() == 0) nobody = Identity{"nobody", 65534, 65534, {}};
  room.lookups.use(lookup_handler(program, nobody, room.descriptors));
  const NameAnswer names = room.names_of("127.0.0.1");
  REQUIRE(names);
  CHECK(std::count(names->begin(), names->end(), "localhost") == 1);
  if (!has_libwrap()) return;
  const InetPeer peer{Transport::tcp, {ipv4(0x7F000001), 50000}, {ipv4(0x7F000001), 22}};
  CHECK(room.answer<HostsAccessAnswer>(room.ask_hosts_access("superd-test", peer)));
}

TEST_CASE("the program is beside superd, or where an installation has it") {
  const Scratch scratch;
  std::filesystem::create_directories(scratch / "sbin");
  const std::string superd = scratch.file("sbin/superd");
  CHECK(own_program(superd, "superd-lookup") == scratch / "lib/superd/superd-lookup");
  const std::string beside = scratch.file("sbin/superd-lookup");
  CHECK(own_program(superd, "superd-lookup") == beside);
}
