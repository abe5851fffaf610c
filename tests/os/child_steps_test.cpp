// SPDX-License-Identifier: MIT
// What a program finds when it starts, and which step is named where it can't.
#include "superd/os/child_steps.hpp"

#include <linux/close_range.h>
#include <sys/syscall.h>

#include <cerrno>
#include <climits>
#include <sstream>

#include "superd/os/descriptors.hpp"
#include "superd/os/log_pipe.hpp"
#include "tests/os/launching.hpp"
#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

constexpr const char* list_descriptors =
    "i=0; while [ $i -lt 150 ]; do"
    " if [ -e /proc/self/fd/$i ]; then echo $i; fi; i=$((i + 1)); done";

// "Name: value" of /proc/PID/status.
std::string status_line(const std::string& status, const std::string& name) {
  const std::size_t start = status.find(name + ":\t") + name.size() + 2;
  return status.substr(start, status.find('\n', start) - start);
}

// Neither through a pipe nor with the shell's own output moved: it would have one more open.
std::string count_descriptors(const Scratch& scratch) {
  return "(ls /proc/$$/fd >" + scratch / "list" + "); wc -l <" + scratch / "list";
}

UniqueFd copy_at(int at, int flags) {
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  return UniqueFd(dup3(null.get(), at, flags));
}

}  // namespace

TEST_CASE("exactly 0, 1 and 2 are open, and they block") {
  Launches launches;
  const UniqueFd low = copy_at(20, O_CLOEXEC), at_border = copy_at(64, O_CLOEXEC),
                 high = copy_at(120, O_CLOEXEC);
  CHECK(launches.output(shell(list_descriptors)) == "0\n1\n2\n");
  const std::string flags =
      launches.output(shell("cat /proc/self/fdinfo/0 /proc/self/fdinfo/1 | grep flags"));
  std::istringstream lines(flags);
  int count = 0;
  for (std::string name, value; lines >> name >> value; ++count)
    CHECK((std::stoul(value, nullptr, 8) & O_NONBLOCK) == 0);
  CHECK(count == 2);
}

TEST_CASE("even what isn't close-on-exec stays outside") {
  if (syscall(SYS_close_range, UINT_MAX, UINT_MAX, 0) != 0)
    return skipped("no close_range(2) here");
  Launches launches;
  const UniqueFd low = copy_at(20, 0), high = copy_at(120, 0);
  CHECK(launches.output(shell(list_descriptors)) == "0\n1\n2\n");
}

TEST_CASE("descriptors land where they belong, wherever they were") {
  Launches launches;
  const bool socket_is_high = GENERATE(false, true), error_is_high = GENERATE(false, true);
  CAPTURE(socket_is_high, error_is_high);
  SocketPair pair, error;
  if (socket_is_high) pair.server = moved_high(std::move(pair.server)).value();
  if (error_is_high) error.server = moved_high(std::move(error.server)).value();
  const pid_t pid = launches.start(shell("read line; echo got $line; echo oops >&2"),
                                   pair.server.get(), error.server.get());
  pair.server.reset();
  error.server.reset();
  CHECK(send_text(pair.client.get(), "this\n"));
  CHECK(read_to_end(pair.client.get()) == "got this\n");  // the end: no copy was left anywhere
  CHECK(read_until(error.client.get(), "\n") == "oops\n");
  CHECK(ended(pid).exit.status == 0);
}

TEST_CASE("sockets that are handed over land from 3 on, in their order") {
  Launches launches;
  const std::size_t count = GENERATE(std::size_t{1}, std::size_t{2}, most_handed_over);
  const bool backwards = GENERATE(false, true);
  CAPTURE(count, backwards);
  const Scratch scratch;
  std::vector<UniqueFd> files;
  std::vector<int> handed;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string file = scratch.file(std::to_string(i));
    files.push_back(low_copy(UniqueFd(open(file.c_str(), O_RDWR | O_CLOEXEC)).get()).value());
  }
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t which = backwards ? count - 1 - i : i;
    handed.push_back(files[which].get());
    expected.push_back(scratch / std::to_string(which));
  }
  SocketPair log;
  const PeerEnvironment environment(1, count, "a:b");
  const std::string script =
      "echo $LISTEN_FDS $LISTEN_FDNAMES $((LISTEN_PID - $$)); i=3; "
      "while [ -e /proc/$$/fd/$i ]; do readlink /proc/$$/fd/$i; i=$((i + 1)); done; "
      "readlink /proc/$$/fd/0; echo $PROTO$IPCLOCALPATH; " +
      count_descriptors(scratch);
  const auto pid = launches.flights.start(std::make_shared<const Program>(shell(script)),
                                          handed.front(), log.server.get(), environment,
                                          std::chrono::steady_clock::now(), &handed);
  REQUIRE(pid);
  launches.flights.settle();
  files.clear();
  log.server.reset();
  std::string text = std::to_string(count) + " a:b 0\n";
  for (const std::string& path : expected) text += path + "\n";
  text += expected.front() + "\n\n" + std::to_string(3 + count) + "\n";
  CHECK(read_to_end(log.client.get()) == text);
  CHECK(ended(*pid).exit.status == 0);
}

TEST_CASE("one socket alone as stdin, and no variables of systemd's") {
  const Scratch scratch;
  Launches launches;
  SocketPair pair, log;
  const std::vector<int> none;
  const auto pid =
      launches.flights.start(std::make_shared<const Program>(
                                 shell("env | grep -c LISTEN; cat; " + count_descriptors(scratch))),
                             pair.server.get(), log.server.get(), PeerEnvironment(1, 0, "a"),
                             std::chrono::steady_clock::now(), &none);
  REQUIRE(pid);
  launches.flights.settle();
  pair.server.reset();
  log.server.reset();
  REQUIRE(send_text(pair.client.get(), "heard\n"));
  shutdown(pair.client.get(), SHUT_WR);
  CHECK(read_to_end(log.client.get()) == "0\nheard\n3\n");
  CHECK(ended(*pid).exit.status == 0);
}

TEST_CASE("stderr may be the socket itself") {
  Launches launches;
  SocketPair pair;
  if (GENERATE(false, true)) pair.server = moved_high(std::move(pair.server)).value();
  const pid_t pid = launches.start(shell("echo oops >&2"), pair.server.get(), pair.server.get());
  pair.server.reset();
  CHECK(read_to_end(pair.client.get()) == "oops\n");
  CHECK(ended(pid).exit.status == 0);
}

TEST_CASE("signals are default and open, the session is its own") {
  Launches launches;
  const auto before = std::signal(SIGPIPE, SIG_IGN);  // as Asio leaves it
  const std::string status = launches.output(plan_of({"/bin/cat", "/proc/self/status"}));
  std::signal(SIGPIPE, before);
  CHECK(status_line(status, "SigBlk") == std::string(16, '0'));
  const auto ignored = std::stoull(status_line(status, "SigIgn"), nullptr, 16);
  CHECK((ignored & (1ULL << (SIGPIPE - 1))) == 0);

  std::istringstream stat(launches.output(plan_of({"/bin/cat", "/proc/self/stat"})));
  std::string name, state;
  pid_t pid = 0, parent = 0, group = 0, session = 0;
  stat >> pid >> name >> state >> parent >> group >> session;
  CHECK(parent == getpid());
  CHECK(group == pid);
  CHECK(session == pid);
}

TEST_CASE("words and variables arrive as they are") {
  Launches launches;
  LaunchPlan plan = shell("printf '<%s>' \"$0\" \"$@\"");
  plan.arguments.insert(plan.arguments.end(), {"", "two words", "new\nline", "\xFF"});
  CHECK(launches.output(plan) == "<sh><><two words><new\nline><\xFF>");

  plan = plan_of({"/usr/bin/env"});
  plan.environment = {"SUPERD_SERVICE=hello", "EMPTY="};
  CHECK(launches.output(plan) ==
        "SUPERD_SERVICE=hello\nEMPTY=\nSUPERD_CONNECTION=1\nPROTO=IPC\nIPCLOCALPATH=/run/test\n"
        "IPCREMOTEEUID=0\nIPCREMOTEEGID=0\nIPCREMOTEPID=0\n");
}

TEST_CASE("directory, umask, priority and limits are as planned") {
  Launches launches;
  const Scratch scratch;
  LaunchPlan plan = shell("pwd; umask; ulimit -Sn; ulimit -Hn; nice");
  plan.directory = scratch.path();
  plan.umask = 027;
  plan.nice = 7;
  plan.rlimits = {{RLIMIT_NOFILE, 50, 60}};
  CHECK(launches.output(plan) == scratch.path() + "\n0027\n50\n60\n7\n");
}

TEST_CASE("as root a program becomes its user, with exactly its groups") {
  if (geteuid() != 0) return skipped("only root becomes others");
  Launches launches;
  LaunchPlan plan =
      shell("id -u; id -g; id -G; grep -E '^(Uid|Gid|Groups|CapEff)' /proc/self/status");
  plan.identity = Identity{"other", 12345, 23456, {34567, 45678}};
  CHECK(launches.output(plan) ==
        "12345\n23456\n23456 34567 45678\nUid:\t12345\t12345\t12345\t12345\n"
        "Gid:\t23456\t23456\t23456\t23456\nGroups:\t34567 45678 \nCapEff:\t0000000000000000\n");
  plan.identity->groups.clear();
  plan.arguments[2] = "id -G";
  CHECK(launches.output(plan) == "23456\n");
}

TEST_CASE("a handler writes to /dev/stderr, whoever it is") {
  Launches launches;
  SocketPair pair;
  LaunchPlan plan = shell("echo oops >/dev/stderr");
  if (geteuid() == 0) plan.identity = Identity{"other", 12345, 12345, {}};
  const uid_t user = geteuid() == 0 ? 12345 : geteuid();
  auto pipe = open_log_pipe(user).value();
  const pid_t pid = launches.start(plan, pair.server.get(), pipe.write_end.get());
  CHECK(ended(pid).exit.status == 0);
  pipe.write_end.reset();
  CHECK(read_until(pipe.read_end.get(), "\n") == "oops\n");
}

TEST_CASE("the step that failed is named with its errno") {
  const Scratch scratch;
  const std::string text = scratch.file("text", "no program", 0644);
  const std::string garbage = scratch.file("garbage", "\x7F not a program", 0755);
  struct Row {
    const char* step;
    int error;
    LaunchPlan plan;
  };
  std::vector<Row> rows = {
      {"exec", ENOENT, plan_of({scratch / "missing"})},
      {"exec", EACCES, plan_of({scratch.path()})},
      {"exec", EACCES, plan_of({text})},
      {"exec", ENOEXEC, plan_of({garbage})},
      {"directory", ENOENT, plan_of({"/bin/true"})},
      {"directory", ENOTDIR, plan_of({"/bin/true"})},
      {"rlimits", EINVAL, plan_of({"/bin/true"})},
  };
  rows[4].plan.directory = scratch / "missing";
  rows[5].plan.directory = text;
  rows[6].plan.rlimits = {{RLIMIT_NOFILE, 20, 10}};
  if (geteuid() != 0) {
    rows.push_back({"rlimits", EPERM, plan_of({"/bin/true"})});
    rows.back().plan.rlimits = {{RLIMIT_CORE, 0, 0}, {RLIMIT_CORE, 1, 1}};
    rows.push_back({"priority", EACCES, plan_of({"/bin/true"})});
    rows.back().plan.nice = -20;
    rows.push_back({"groups", EPERM, plan_of({"/bin/true"})});
    rows.back().plan.identity = Identity{"root", 0, 0, {}};
  }
  Launches launches;
  for (const Row& row : rows) {
    const auto outcome = launches.run(row.plan);
    CAPTURE(row.step, errno_text(row.error));
    REQUIRE(outcome.fault);
    CHECK(outcome.fault->step == std::string(row.step));
    CHECK(outcome.fault->error == row.error);
    CHECK(outcome.status == 127 << 8);
    CHECK(outcome.output.empty());
  }
}

TEST_CASE("a closed descriptor is the step 'descriptors'") {
  Launches launches;
  const SocketPair pair;
  constexpr int closed = 59;
  REQUIRE(!is_open(closed));
  const pid_t pid = launches.start(plan_of({"/bin/true"}), pair.server.get(), closed);
  CHECK(ended(pid).exit.status == 127 << 8);
  const auto fault = launches.flights.fault_of(pid);
  REQUIRE(fault);
  CHECK(fault->step == std::string("descriptors"));
  CHECK(fault->error == EBADF);
}
