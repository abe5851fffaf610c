// SPDX-License-Identifier: MIT
// What becomes of drafts: where their keys were written, and what services share.
#include "superd/config/draft.hpp"

#include "superd/config/read_service.hpp"
#include "tests/config/room.hpp"

using namespace superd;

namespace {

// "user t.yaml:3" for each key of a service, in the order of the key table.
Messages origins_of(const Room& room, const ServiceTable& table, std::size_t service) {
  Messages origins;
  for (const Origin& origin : table.services.at(service)->origins) {
    std::string text(all_service_keys()[origin.key].name);
    text.append(" ").append(room.without_path(*table.files.at(origin.file))).append(":");
    origins.push_back(text.append(std::to_string(origin.line)));
  }
  return origins;
}

}  // namespace

TEST_CASE("each key knows its file and line, whether it is the service's own or a default") {
  const Room room;
  room.write("more.yaml",
             "defaults:\n  umask: 077\nservices:\n  y:\n    run: /bin/cat\n    listen: 2\n");
  const Loaded loaded = room.load(
      "defaults:\n  umask: 022\n  nice: 5\ninclude: more.yaml\nservices:\n  x:\n    listen: 1\n"
      "    run: /bin/cat\n    nice: 6\n");
  REQUIRE(loaded.table);
  CHECK(origins_of(room, *loaded.table, 0) ==
        Messages{"listen more.yaml:6", "run more.yaml:5", "umask more.yaml:2", "nice t.yaml:3"});
  CHECK(origins_of(room, *loaded.table, 1) ==
        Messages{"listen t.yaml:7", "run t.yaml:8", "umask t.yaml:2", "nice t.yaml:9"});
}

TEST_CASE("keys of a command line have no line") {
  FakeHost host;
  const Loaded loaded = load(CommandLineService{{"79"}, "bob", {"/bin/cat"}}, host);
  REQUIRE(loaded.table);
  CHECK(loaded.table->files.empty());
  const std::vector<Origin>& origins = loaded.table->services.at(0)->origins;
  REQUIRE(origins.size() == 3);
  CHECK(all_service_keys()[origins[2].key].name == "user");
  CHECK(origins[2].line == 0);
}

TEST_CASE("services share what is equal") {
  const Room room;
  const Loaded loaded = room.load(
      "services:\n"
      "  a: {listen: {address: 1, backlog: 5}, run: /bin/cat, nice: 1}\n"
      "  b: {listen: {address: 2, backlog: 5}, run: /bin/cat, nice: 1}\n"
      "  c: {listen: 3, run: /bin/cat, nice: 2}\n");
  REQUIRE(loaded.table);
  const auto& services = loaded.table->services;
  CHECK(services[0]->process.is_same(services[1]->process));
  CHECK(!services[0]->process.is_same(services[2]->process));
  CHECK(services[0]->listen[0].options.is_same(services[1]->listen[0].options));
  CHECK(services[2]->listen[0].options.is_same(Shared<SocketOptions>()));
}

TEST_CASE("a service made a draft and back is the same") {
  const Room room;
  const Service service = room.service(
      service_with({"description: two", "listen: [{address: 79, backlog: 5}, 'unix:/x']",
                    "run: /bin/sh -c x", "enabled: no", "user: alice", "groups: [mail]",
                    "environment: {A: b}", "pass_environment: TZ", "rlimits: {cpu: 10s}"}));
  Commons commons;
  const Service again = service_of(draft_of(service), commons);
  CHECK(again == service);
  CHECK(again.origins.size() == service.origins.size());
}
