// SPDX-License-Identifier: MIT
// Binding a table, and what is said where it fails.
#include "superd/server/binding.hpp"

#include <unistd.h>

#include <filesystem>

#include "superd/os/socket.hpp"
#include "superd/os/this_host.hpp"
#include "superd/server/roster.hpp"
#include "tests/catch.hpp"
#include "tests/patience.hpp"
#include "tests/scratch.hpp"

using namespace superd;

namespace {

BindAddress loopback(std::uint16_t port = 0) {
  return InetAddress{Transport::tcp, IpFamily::v4, parse_ip("127.0.0.1"), port};
}

BindAddress at(const std::string& path) { return UnixAddress{path, false}; }

ServicePtr service(const std::string& name, const std::vector<BindAddress>& addresses,
                   bool enabled = true) {
  Service one;
  one.name = name;
  one.enabled = enabled;
  one.activation = RunHandler{"/bin/cat", {"cat"}};
  for (const BindAddress& address : addresses) one.listen.push_back({address, {}, {}});
  return std::make_shared<const Service>(std::move(one));
}

// As start-up does it: from the empty roster.
Roster::Prepared bound(std::vector<ServicePtr> services) {
  static const ThisHost host;
  static const rlimit descriptors{1024, 1024};
  ServiceTable table;
  table.services = std::move(services);
  std::vector<Inherited> inherited;
  return Roster(host, descriptors).prepare(std::move(table), {}, inherited);
}

std::string what_is_wrong_with(const BindAddress& address) {
  const Roster::Prepared one = bound({service("hello", {address})});
  CHECK(one.opened.empty());
  const Diagnostics diagnostics = to_diagnostics(one.unbound);
  REQUIRE(diagnostics.size() == 1);
  const Diagnostic& diagnostic = diagnostics.front();
  CHECK(diagnostic.severity == Severity::error);
  const std::string beginning = "service 'hello': can't listen on " + to_text(address) + ": ";
  REQUIRE(diagnostic.message.starts_with(beginning));
  return diagnostic.message.substr(beginning.size());
}

}  // namespace

TEST_CASE("all enabled services are bound, in the table's order") {
  const Scratch scratch;
  const std::string path = scratch / "x.sock";
  const auto first = service("first", {loopback(), at(path)});
  const auto off = service("off", {loopback()}, false);
  const auto last = service("last", {loopback()});
  {
    const Roster::Prepared all = bound({first, off, last});
    CHECK(all.unbound.empty());
    REQUIRE(all.opened.size() == 3);
    CHECK(all.diff.opened == std::vector<ListenRef>{{0, 0}, {0, 1}, {2, 0}});
    CHECK(std::get<InetAddress>(all.opened[0].address).port != 0);
    CHECK(all.opened[1].address == at(path));
    CHECK(std::filesystem::is_socket(path));
  }
  CHECK(!std::filesystem::exists(path));
}

TEST_CASE("each reason is said with its remedy, all at once") {
  const Scratch scratch;
  const Roster::Prepared all = bound({service("one", {at(scratch / "no/x"), loopback()}),
                                      service("two", {at(scratch.file("file"))})});
  CHECK(all.opened.size() == 1);
  CHECK(all.unbound.size() == 2);
}

TEST_CASE("what is in the way is named") {
  const Scratch scratch;
  CHECK(what_is_wrong_with(at(scratch / "no/x.sock")) ==
        "bind: No such file or directory; its directory does not exist; make it first, or "
        "add make_directory: yes");
  CHECK(what_is_wrong_with(at(scratch.file("file"))) ==
        "something that isn't a socket is in the way; move "
        "it or choose another path");
  CHECK(what_is_wrong_with(InetAddress{Transport::tcp, IpFamily::v4, parse_ip("192.0.2.1"), 0}) ==
        "bind: Cannot assign requested address; this host has no such address; 'ip address' lists "
        "those it has");
}

TEST_CASE("who holds a port or a path is named") {
  const Scratch scratch;
  const std::string path = scratch / "x.sock";
  const Roster::Prepared first = bound({service("first", {loopback(), at(path)})});
  REQUIRE(first.opened.size() == 2);
  const auto port = std::get<InetAddress>(first.opened[0].address).port;
  std::string name = text_of("/proc/self/comm");
  name.pop_back();
  const std::string told = "bind: Address already in use; port " + std::to_string(port) +
                           " is in use by pid " + std::to_string(getpid()) + " (" + name +
                           "); stop it or choose another port";
  // The look for the holder is bounded in time, so a busy machine may need another.
  std::string said;
  CHECK(comes_true([&] { return (said = what_is_wrong_with(loopback(port))) == told; }));
  CHECK(said == told);
  CHECK(what_is_wrong_with(at(path)) ==
        "bind: Address already in use; another server listens there; stop it or choose another "
        "path");
}
