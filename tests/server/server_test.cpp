// SPDX-License-Identifier: MIT
// A whole server on loopback, from the first knock to its end by TERM.
#include "superd/server/server.hpp"

#include <sys/socket.h>

#include <functional>
#include <thread>

#include "superd/os/descriptors.hpp"
#include "superd/os/socket_address.hpp"
#include "superd/os/this_host.hpp"
#include "tests/catch.hpp"
#include "tests/os/launching.hpp"
#include "tests/server/log_file.hpp"

using namespace superd;

namespace {

Service service_of(const std::string& name, const std::string& script) {
  Service service;
  service.name = name;
  service.listen.push_back(
      {InetAddress{Transport::tcp, IpFamily::v4, parse_ip("127.0.0.1"), 0}, {}, {}});
  service.activation = RunHandler{"/bin/sh", {"sh", "-c", script}};
  return service;
}

UniqueFd knock(const BindAddress& address) {
  UniqueFd client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const KernelAddress kernel = to_kernel(address);
  if (connect(client.get(), kernel.get(), kernel.length) != 0) client.reset();
  return client;
}

std::string answer(const BindAddress& address, const std::string& request) {
  const UniqueFd client = knock(address);
  if (!client || !send_text(client.get(), request)) return "[no connection]";
  shutdown(client.get(), SHUT_WR);
  return read_to_end(client.get());
}

using Addresses = std::vector<BindAddress>;

// Serves while `clients` does its part in a thread, which ends with TERM; the log's lines.
std::vector<std::string> served(const ServiceTable& table,
                                const std::function<void(const Addresses&)>& clients) {
  const BlockedSignals blocked;
  LogFile log;
  const ThisHost host;
  const rlimit descriptors = raise_descriptor_limit();
  Roster roster(host, descriptors);
  std::vector<Inherited> inherited;
  auto first = roster.prepare(table, {}, inherited);
  Addresses addresses;
  for (const OpenSocket& socket : first.opened) addresses.push_back(socket.address);
  {
    TableSource source;
    source.programs = [&descriptors](const Daemon&) {
      const HandlerPtr none = own_handler("/bin/false", std::nullopt, descriptors);
      return TableSource::OwnPrograms{none, none, none};
    };
    Server server({std::move(source),
                   {},
                   "me",
                   {},
                   descriptors,
                   roster,
                   std::move(first),
                   {},
                   {},
                   log.reporter()});
    std::thread thread([&] {
      clients(addresses);
      kill(getpid(), SIGTERM);
    });
    const std::size_t left = server.run();
    thread.join();
    CHECK(left == 0);
  }
  for (const BindAddress& address : addresses) CHECK(!knock(address));
  return log.lines();
}

ServiceTable table_of(std::vector<Service> services) {
  ServiceTable table;
  for (Service& one : services)
    table.services.push_back(std::make_shared<const Service>(std::move(one)));
  return table;
}

bool has_line(const std::vector<std::string>& lines, const std::string& beginning,
              const std::string& part = {}) {
  for (const std::string& line : lines)
    if (line.starts_with(beginning) && line.find(part) != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("a knock becomes a program, and what happened is told") {
  std::string first, second;
  const auto lines = served(table_of({service_of("sort", "sort"),
                                      service_of("hello", "echo oops >&2; echo hello; exit 3")}),
                            [&](const Addresses& addresses) {
                              first = answer(addresses[0], "b\na\n");
                              second = answer(addresses[1], "");
                            });
  CHECK(first == "a\nb\n");
  CHECK(second == "hello\n");
  CHECK(has_line(lines, "service 'sort': listening on 127.0.0.1:"));
  CHECK(has_line(lines, "superd: ready, 2 services, 2 listeners"));
  CHECK(has_line(lines, "service 'sort': started pid=", " connection=1"));
  CHECK(has_line(lines, "service 'sort': ended pid=", " exit=0 "));
  CHECK(has_line(lines, "service 'hello': started pid=", " connection=2"));
  CHECK(has_line(lines, "service 'hello': ended pid=", " exit=3 "));
  CHECK(has_line(lines, "service 'hello': stderr: oops"));
  CHECK(has_line(lines, "superd: draining: "));
  CHECK(lines.back() == "superd: stopped");
}

TEST_CASE("a program that can't be started closes the connection and is told") {
  Service broken = service_of("broken", "");
  std::get<RunHandler>(broken.activation).program = "/no/such/program";
  std::string got;
  const auto lines = served(table_of({broken}), [&](const Addresses& addresses) {
    const UniqueFd client = knock(addresses[0]);
    got = read_to_end(client.get());
  });
  CHECK(got.empty());
  CHECK(has_line(lines, "service 'broken': step 'exec' failed: No such file or directory pid="));
  CHECK(!has_line(lines, "service 'broken': ended"));
}

TEST_CASE("beyond the instances connections wait, and none is lost") {
  ServiceTable table = table_of({service_of("hello", "read line; echo got $line")});
  table.daemon.instances = 2;
  std::vector<std::string> answers;
  const auto lines = served(table, [&](const Addresses& addresses) {
    std::vector<UniqueFd> clients;
    for (int i = 0; i < 6; ++i) clients.push_back(knock(addresses[0]));
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const std::string number = std::to_string(i);
      answers.push_back(send_text(clients[i].get(), number + "\n") ? read_to_end(clients[i].get())
                                                                   : "[not sent]");
    }
  });
  CHECK(answers ==
        std::vector<std::string>{"got 0\n", "got 1\n", "got 2\n", "got 3\n", "got 4\n", "got 5\n"});
  CHECK(has_line(lines, "superd: listeners paused: daemon.instances (2) is reached"));
}

TEST_CASE("more connections at once than there are low descriptors all end") {
  constexpr std::size_t many = 100;
  Service lingering = service_of("hello", "echo hello");
  lingering.process.edit([](Process& process) { process.linger = std::chrono::seconds(20); });
  std::size_t right = 0;
  served(table_of({lingering}), [&](const Addresses& addresses) {
    std::vector<UniqueFd> clients;
    for (std::size_t i = 0; i < many; ++i) clients.push_back(knock(addresses[0]));
    for (const UniqueFd& client : clients) right += read_to_end(client.get()) == "hello\n";
  });
  CHECK(right == many);
}

TEST_CASE("at the end handlers are stopped when their time is up") {
  ServiceTable table = table_of({service_of("slow", "echo there; exec sleep 600")});
  table.daemon.stop_after = Milliseconds(50);
  UniqueFd client;
  const auto lines = served(table, [&](const Addresses& addresses) {
    client = knock(addresses[0]);
    read_until(client.get(), "\n");
  });
  CHECK(has_line(lines, "superd: draining: 1 handler may finish within 50ms"));
  CHECK(has_line(lines, "service 'slow': ended pid=", " signal=TERM "));
  CHECK(has_line(lines, "service 'slow': ended pid=", " stopped=shutdown"));
  CHECK(read_to_end(client.get()).empty());
}
