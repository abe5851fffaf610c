// SPDX-License-Identifier: MIT
// Sockets from a service manager, and what the kernel says that they are.
#include "superd/os/inherited_sockets.hpp"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "superd/os/descriptors.hpp"
#include "superd/os/socket.hpp"
#include "tests/fork.hpp"
#include "tests/patience.hpp"
#include "tests/scratch.hpp"
#include "tests/telling.hpp"

using namespace superd;

namespace {

void promise(int count, const char* names, pid_t pid = getpid()) {
  setenv("LISTEN_FDS", std::to_string(count).c_str(), 1);
  setenv("LISTEN_PID", std::to_string(pid).c_str(), 1);
  names ? setenv("LISTEN_FDNAMES", names, 1) : unsetenv("LISTEN_FDNAMES");
}

bool no_promise_is_left() {
  return !std::getenv("LISTEN_FDS") && !std::getenv("LISTEN_PID") && !std::getenv("LISTEN_FDNAMES");
}

// Listeners at 3 and on, as a manager leaves them: blocking, and open to whoever is started next.
void listeners_from_3(int count) {
  close_range(3, ~0U, 0);
  for (int fd = 3; fd < 3 + count; ++fd) {
    const int made = socket(AF_INET, SOCK_STREAM, 0);
    if (made != fd || listen(made, 5) != 0) _exit(99);
  }
}

Listen on(const BindAddress& address, SocketOptions options = {}) {
  return {address, std::move(options), {}};
}

UniqueFd opened(const BindAddress& address, SocketOptions options = {}) {
  auto listener = open_listener(on(address, std::move(options)));
  if (!listener) throw std::runtime_error(listener.error().text);
  return std::move(*listener);
}

InetAddress tcp(IpFamily family, const char* host) {
  return {Transport::tcp, family, host ? parse_ip(host) : std::nullopt, 0};
}

bool has_ipv6() { return open_listener(on(tcp(IpFamily::v6, "::1"))).has_value(); }

// The address of the answer with the port taken out: the kernel picked it.
BindAddress without_port(const Result<BindAddress>& address) {
  auto whole = std::get<InetAddress>(address.value());
  if (whole.port == 0) throw std::runtime_error("no port");
  whole.port = 0;
  return whole;
}

}  // namespace

TEST_CASE("promised sockets are taken: high, close-on-exec, non-blocking, with their names") {
  CHECK(in_a_child([] {
          listeners_from_3(2);
          promise(2, "web:finger");
          const auto taken = take_inherited_sockets();
          if (taken.size() != 2 || taken[0].name != "web" || taken[1].name != "finger") return 1;
          for (const InheritedSocket& one : taken) {
            const int fd = one.socket.get();
            if (fd < first_high_descriptor || !closes_on_exec(fd) || blocks(fd)) return 2;
            if (!bound_address_of(fd)) return 3;
          }
          if (is_open(3) || is_open(4)) return 4;
          return no_promise_is_left() && take_inherited_sockets().empty() ? 0 : 5;
        }) == 0);
}

TEST_CASE("sockets without names are taken, too") {
  CHECK(in_a_child([] {
          listeners_from_3(1);
          promise(1, nullptr);
          const auto taken = take_inherited_sockets();
          return taken.size() == 1 && taken[0].name == "unknown" ? 0 : 1;
        }) == 0);
}

TEST_CASE("what is promised to another process is left alone, and not handed on") {
  CHECK(in_a_child([] {
          listeners_from_3(1);
          promise(1, nullptr, getppid());
          return take_inherited_sockets().empty() && is_open(3) && no_promise_is_left() ? 0 : 1;
        }) == 0);
}

TEST_CASE("a wrong promise takes nothing") {
  const char* count = GENERATE("", "many", "-1", "0", "99999999999");
  CAPTURE(count);
  CHECK(in_a_child([count] {
          promise(1, nullptr);
          setenv("LISTEN_FDS", count, 1);
          return take_inherited_sockets().empty() && no_promise_is_left() ? 0 : 1;
        }) == 0);
}

TEST_CASE("without a manager there is nothing to take") {
  CHECK(in_a_child([] {
          unsetenv("LISTEN_FDS");
          return take_inherited_sockets().empty() ? 0 : 1;
        }) == 0);
}

TEST_CASE("of many sockets only the low ones move: there need not be room for all twice") {
  CHECK(in_a_child([] {
          constexpr int many = 100;
          const rlimit room{3 + many + first_high_descriptor, 3 + many + first_high_descriptor};
          if (setrlimit(RLIMIT_NOFILE, &room) != 0) return 1;
          listeners_from_3(many);
          promise(many, nullptr);
          const auto taken = take_inherited_sockets();
          if (taken.size() != many) return 2;
          for (const InheritedSocket& one : taken)
            if (one.socket.get() < first_high_descriptor || blocks(one.socket.get())) return 3;
          return 0;
        }) == 0);
}

TEST_CASE("a TCP listener is told as the table writes it") {
  CHECK(without_port(bound_address_of(opened(tcp(IpFamily::v4, "127.0.0.1")).get())) ==
        BindAddress(tcp(IpFamily::v4, "127.0.0.1")));
  CHECK(without_port(bound_address_of(opened(tcp(IpFamily::v4, nullptr)).get())) ==
        BindAddress(tcp(IpFamily::v4, nullptr)));
  if (!has_ipv6()) return skipped("this host has no ::1");
  CHECK(without_port(bound_address_of(opened(tcp(IpFamily::v6, "::1")).get())) ==
        BindAddress(tcp(IpFamily::v6, "::1")));
  CHECK(without_port(bound_address_of(opened(tcp(IpFamily::v6, nullptr)).get())) ==
        BindAddress(tcp(IpFamily::v6, nullptr)));
  CHECK(without_port(bound_address_of(opened(tcp(IpFamily::dual, nullptr)).get())) ==
        BindAddress(tcp(IpFamily::dual, nullptr)));
}

TEST_CASE("a UNIX listener is told by its path or its name, whatever their length") {
  const Scratch scratch;
  const std::string folder = scratch / "";
  const std::string longest = folder + std::string(longest_unix_path - folder.size(), 'x');
  const std::string name = "superd test " + std::to_string(getpid());
  for (const UnixAddress& address :
       {UnixAddress{scratch / "x.sock", false}, UnixAddress{longest, false},
        UnixAddress{name, true}, UnixAddress{name + std::string(90 - name.size(), 'y'), true}}) {
    CAPTURE(address.path);
    const auto told = bound_address_of(opened(address).get());
    REQUIRE(told);
    CHECK(*told == BindAddress(address));
  }
}

TEST_CASE("a UNIX listener whose path is gone can't be reached, and is none") {
  const Scratch scratch;
  const UniqueFd listener = opened(UnixAddress{scratch / "x.sock", false});
  std::filesystem::remove(scratch / "x.sock");
  const auto told = bound_address_of(listener.get());
  REQUIRE(!told);
  CHECK(told.error().text == "its path '" + (scratch / "x.sock") + "' isn't there any more");
  scratch.file("x.sock");
  CHECK(!bound_address_of(listener.get()));
}

TEST_CASE("what is no socket to serve on is told apart, each with its reason") {
  const auto fault = [](int fd) {
    const auto told = bound_address_of(fd);
    return told ? "none" : told.error().text;
  };
  const UniqueFd unbound(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  CHECK(fault(unbound.get()) == "it is bound to no port");
  const UniqueFd file(open("/dev/null", O_RDONLY | O_CLOEXEC));
  CHECK(fault(file.get()) == "it is no socket");
  CHECK(fault(-1) == "it is no socket");
  const UniqueFd silent(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK(fault(silent.get()) == "it doesn't listen");
  const UniqueFd nameless(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  CHECK(fault(nameless.get()) == "it has no address");
  const UniqueFd other(socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  REQUIRE(other);
  CHECK(fault(other.get()) == "it is of no family that superd serves");
}

TEST_CASE("sockets of every kind are told as the table writes them") {
  const Scratch scratch;
  const auto local = parse_ip("127.0.0.1");
  const BindAddress address = GENERATE_REF(values<BindAddress>({
      InetAddress{Transport::udp, IpFamily::v4, local, 0},
      InetAddress{Transport::udp, IpFamily::v4, std::nullopt, 0},
      InetAddress{Transport::udp, IpFamily::dual, std::nullopt, 0},
      InetAddress{Transport::mptcp, IpFamily::v4, local, 0},
      InetAddress{Transport::sctp, IpFamily::v4, local, 0},
      UnixAddress{scratch / "d.sock", false, UnixKind::datagram},
      UnixAddress{scratch / "s.sock", false, UnixKind::seqpacket},
      UnixAddress{"superd test d " + std::to_string(getpid()), true, UnixKind::datagram},
      VsockAddress{},
  }));
  CAPTURE(to_text(address));
  const auto listener = open_listener(on(address));
  if (!listener) return skipped(to_text(address) + " is not here: " + listener.error().text);
  const auto expected = bound_address(listener->get(), address);
  REQUIRE(expected);
  if (const auto* inet = std::get_if<InetAddress>(&*expected)) CHECK(inet->port != 0);
  const auto told = bound_address_of(listener->get());
  REQUIRE(told);
  CHECK(*told == *expected);
}
