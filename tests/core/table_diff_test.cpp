// SPDX-License-Identifier: MIT
// What a change of table does to sockets and services: two tables, what is said of them.
#include "superd/core/table_diff.hpp"

#include <chrono>

#include "tests/catch.hpp"

using namespace superd;

namespace {

Listen on(std::uint16_t port, IpFamily family = IpFamily::dual) {
  return {InetAddress{Transport::tcp, family, std::nullopt, port}, {}, {}};
}

Listen on(const std::string& path) { return {UnixAddress{path, false}, {}, {}}; }

Listen shared(std::uint16_t port) {
  Listen listen = on(port);
  listen.options.edit([](SocketOptions& options) { options.reuse_port = true; });
  return listen;
}

Listen with_v6only(Listen listen, bool v6only) {
  listen.options.edit([&](SocketOptions& options) { options.v6only = v6only; });
  return listen;
}

Service service(const std::string& name, std::vector<Listen> listen) {
  Service made;
  made.name = name;
  made.listen = std::move(listen);
  made.activation = RunHandler{"/bin/cat", {"cat"}};
  return made;
}

Service disabled(Service service) {
  service.enabled = false;
  return service;
}

ServiceTable table(const std::vector<Service>& services) {
  ServiceTable made;
  for (const Service& one : services) {
    made.services.push_back(std::make_shared<const Service>(one));
  }
  return made;
}

std::string name_of(const ServiceTable& table, ListenRef ref) {
  std::string name = table.services.at(ref.service)->name;
  return name.append(".").append(std::to_string(ref.listen));
}

using Words = std::vector<std::string>;

// "+b.0" opened, "-a.1" closed, "a.0=b.0" kept; then services: "add b", "remove a", "change a".
Words said(const std::vector<Service>& before, const std::vector<Service>& after) {
  const ServiceTable from = table(before), to = table(after);
  const TableDiff all = diff(from, to);
  Words words;
  const auto say = [&words](std::string start, const std::string& name) {
    words.push_back(start.append(name));
  };
  for (const ListenRef ref : all.opened) say("+", name_of(to, ref));
  for (const ListenRef ref : all.closed) say("-", name_of(from, ref));
  for (const auto& kept : all.kept) {
    say(name_of(from, kept.from).append("="), name_of(to, kept.to));
  }
  for (const std::size_t i : all.added) say("add ", to.services.at(i)->name);
  for (const std::size_t i : all.removed) say("remove ", from.services.at(i)->name);
  for (const auto& pair : all.changed) {
    CHECK(from.services.at(pair.from)->name == to.services.at(pair.to)->name);
    say("change ", to.services.at(pair.to)->name);
  }
  return words;
}

}  // namespace

TEST_CASE("the first table opens all, the last closes all") {
  const std::vector<Service> both = {service("a", {on(79), on("/run/a")}),
                                     disabled(service("b", {on(80)}))};
  CHECK(said({}, both) == Words{"+a.0", "+a.1", "add a", "add b"});
  CHECK(said(both, {}) == Words{"-a.0", "-a.1", "remove a", "remove b"});
  CHECK(said(both, both) == Words{"a.0=a.0", "a.1=a.1"});
}

TEST_CASE("a socket is known by what it binds, not by who serves it") {
  CHECK(said({service("a", {on(79)})}, {service("b", {on(79)})}) ==
        Words{"a.0=b.0", "add b", "remove a"});
  CHECK(said({service("a", {on(79), on(80)}), service("b", {on(81)})},
             {service("a", {on(79)}), service("b", {on(80), on(81)})}) ==
        Words{"a.0=a.0", "a.1=b.0", "b.0=b.1", "change a", "change b"});
  CHECK(said({service("a", {on(79)}), service("b", {on(80)})},
             {service("b", {on(79)}), service("a", {on(80)})}) ==
        Words{"a.0=b.0", "b.0=a.0", "change b", "change a"});
  CHECK(said({service("a", {on("/run/x")})}, {service("a", {on("/run/y")})}) ==
        Words{"+a.0", "-a.0", "change a"});
}

TEST_CASE("a service keeps its own among sockets that look alike") {
  CHECK(said({service("a", {on(0)}), service("b", {on(0)})},
             {service("b", {on(0)}), service("a", {on(0)})}) == Words{"b.0=b.0", "a.0=a.0"});
  CHECK(said({service("a", {on(0), on(0)})}, {service("a", {on(0)})}) ==
        Words{"-a.1", "a.0=a.0", "change a"});
  CHECK(said({service("a", {on(0)}), service("b", {on(0)})}, {service("c", {on(0), on(0)})}) ==
        Words{"a.0=c.0", "b.0=c.1", "add c", "remove a", "remove b"});
  CHECK(said({service("a", {shared(79)}), service("b", {shared(79)})},
             {service("b", {shared(79)}), service("c", {shared(79)})}) ==
        Words{"b.0=b.0", "a.0=c.0", "add c", "remove a"});
  CHECK(said({service("a", {shared(79), shared(79)})},
             {service("a", {shared(79), shared(79), shared(79)})}) ==
        Words{"+a.2", "a.0=a.0", "a.1=a.1", "change a"});
}

TEST_CASE("another family is another socket") {
  CHECK(said({service("a", {on(79)})}, {service("a", {on(79, IpFamily::v6)})}) ==
        Words{"+a.0", "-a.0", "change a"});
  CHECK(said({service("a", {on(79, IpFamily::v4)})}, {service("a", {on(79)})}) ==
        Words{"+a.0", "-a.0", "change a"});
}

TEST_CASE("another v6only is another socket, written or not") {
  const Listen v6 = on(79, IpFamily::v6);
  CHECK(said({service("a", {with_v6only(v6, true)})}, {service("a", {with_v6only(v6, false)})}) ==
        Words{"+a.0", "-a.0", "change a"});
  CHECK(said({service("a", {v6})}, {service("a", {with_v6only(v6, true)})}) ==
        Words{"a.0=a.0", "change a"});
  CHECK(said({service("a", {on(79)})}, {service("a", {with_v6only(on(79), false)})}) ==
        Words{"a.0=a.0", "change a"});
}

TEST_CASE("only enabled services have sockets") {
  const Service a = service("a", {on(79)});
  CHECK(said({a}, {disabled(a)}) == Words{"-a.0", "change a"});
  CHECK(said({disabled(a)}, {a}) == Words{"+a.0", "change a"});
  CHECK(said({disabled(a)}, {disabled(a)}).empty());
  CHECK(said({a, disabled(service("b", {on(79)}))}, {disabled(a), service("b", {on(79)})}) ==
        Words{"a.0=b.0", "change a", "change b"});
}

TEST_CASE("another option or program keeps the socket; where it was written makes no difference") {
  Service slow = service("a", {on(79)});
  slow.listen[0].options.edit([](SocketOptions& options) { options.backlog = 5; });
  Service sorting = service("a", {on(79)});
  sorting.activation = RunHandler{"/bin/sort", {"sort"}};
  Service moved = service("a", {on(79)});
  moved.place.line = 12;
  const Service a = service("a", {on(79)});
  CHECK(said({a}, {slow}) == Words{"a.0=a.0", "change a"});
  CHECK(said({a}, {sorting}) == Words{"a.0=a.0", "change a"});
  CHECK(said({a}, {moved}) == Words{"a.0=a.0"});
}

TEST_CASE("10,000 services are compared in a moment") {
  std::vector<Service> before, after;
  for (int i = 0; i < 10'000; ++i) {
    const std::string name = std::to_string(i);
    before.push_back(service(name, {on(0), on(static_cast<std::uint16_t>(1024 + i))}));
    after.push_back(service(name + "x", {on(static_cast<std::uint16_t>(1025 + i)), on(0)}));
  }
  const ServiceTable from = table(before), to = table(after);
  const auto start = std::chrono::steady_clock::now();
  const TableDiff all = diff(from, to);
  // Quadratic work takes minutes; the bound is loose for sanitizers and busy machines.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  CHECK(all.kept.size() == 19'999);
  CHECK(all.opened.size() == 1);
  CHECK(all.closed.size() == 1);
}
