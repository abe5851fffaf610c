// SPDX-License-Identifier: MIT
// Who handlers run as: under root what is written or nobody, otherwise oneself.
#include "tests/config/room.hpp"

using namespace superd;

namespace {

std::optional<Identity> identity_with(const std::string& keys) {
  return Room().service(working_with(keys)).process->identity;
}

Messages said_as_alice(const std::string& keys) {
  Room room;
  room.host.me = "alice";
  return room.faults(working_with(keys));
}

}  // namespace

TEST_CASE("under root a handler is nobody unless told otherwise") {
  const auto identity = identity_with("").value();
  CHECK(identity.user == "nobody");
  CHECK(identity.uid == 65534);
  CHECK(identity.gid == 65534);
  CHECK(identity.groups == std::vector<gid_t>{65534});
}

TEST_CASE("under root a handler is what is written") {
  const auto alice = identity_with("user: alice").value();
  CHECK(alice.uid == 1000);
  CHECK(alice.gid == 1000);
  CHECK(alice.groups == std::vector<gid_t>{1000, 8});
  CHECK(identity_with("user: 0").value().uid == 0);
  CHECK(identity_with("user: 1000").value().user == "alice");
  CHECK(identity_with("group: mail").value().gid == 8);
  CHECK(identity_with("group: 4711").value().gid == 4711);
}

TEST_CASE("supplementary groups are exactly those written") {
  CHECK(identity_with("groups: none").value().groups.empty());
  CHECK(identity_with("groups: []").value().groups.empty());
  CHECK(identity_with("groups: mail").value().groups == std::vector<gid_t>{8});
  CHECK(identity_with("groups: [mail, bob]").value().groups == std::vector<gid_t>{8, 1001});
  CHECK(identity_with("user: alice\n    groups: [user, bob, mail]").value().groups ==
        std::vector<gid_t>{1000, 8, 1001});
  CHECK(identity_with("user: alice\n    groups: user").value().groups ==
        std::vector<gid_t>{1000, 8});
}

TEST_CASE("who isn't there is said so") {
  struct Row {
    const char* key;
    const char* message;
  };
  const Row row = GENERATE(values<Row>({
      {"user: carol", "5:11: service 'x': 'user' is \"carol\"; no such user; give one that exists"},
      {"user: 4711", "5:11: service 'x': 'user' is \"4711\"; no such user; give one that exists"},
      {"user: ~", "5:5: service 'x': 'user' has no value; give the name or number of a user"},
      {"group: carol",
       "5:12: service 'x': 'group' is \"carol\"; no such group; give one that exists"},
      {"groups: [mail, carol]",
       "5:20: service 'x': 'groups' is \"carol\"; no such group; give one "
       "that exists, user or none"},
      {"groups: [mail, none]",
       "5:20: service 'x': 'groups' is \"none\"; no such group; give one "
       "that exists, user or none"},
      {"groups:", "5:5: service 'x': 'groups' has no value; give a list of groups, user or none"},
  }));
  CAPTURE(row.key);
  CHECK(Room().faults(working_with(row.key)) == Messages{"t.yaml:" + std::string(row.message)});
}

TEST_CASE("without nobody, root must say who") {
  Room room;
  room.host.users.erase(room.host.users.begin() + 1);
  CHECK(room.faults(working_with("")) ==
        Messages{"t.yaml:2:3: service 'x': superd runs as root, and there is no user 'nobody' to "
                 "run this as; add `user:`"});
  CHECK(room.service(working_with("user: alice")).process->identity.value().uid == 1000);
}

TEST_CASE("an ordinary user can be nobody else") {
  const std::string why = "; superd runs as 'alice' and only root can ";
  CHECK(said_as_alice("user: bob") ==
        Messages{"t.yaml:5:11: service 'x': 'user' is \"bob\"" + why +
                 "become another user; remove it, or start superd as root"});
  CHECK(said_as_alice("group: mail") ==
        Messages{"t.yaml:5:12: service 'x': 'group' is \"mail\"" + why +
                 "change groups; remove it, or start superd as root"});
  CHECK(said_as_alice("groups: none") ==
        Messages{"t.yaml:5:13: service 'x': 'groups' is \"none\"" + why +
                 "change groups; remove it, or start superd as root"});
  CHECK(said_as_alice("groups: [bob]").size() == 1);
}

TEST_CASE("an ordinary user may be oneself, and then nothing changes") {
  Room room;
  room.host.me = "alice";
  const std::string keys =
      GENERATE("", "user: alice", "user: 1000", "group: alice", "groups: user", "groups: [mail]");
  CAPTURE(keys);
  CHECK(!room.service(working_with(keys)).process->identity);
}

TEST_CASE("a program that its user can't reach is a warning") {
  Room room;
  room.host.unreachable["/bin/cat"] = "'/bin' is closed to it (mode 0700)";
  const std::string warning =
      "t.yaml:4:10: warning: service 'x': user 'nobody' can't run program "
      "'/bin/cat': '/bin' is closed to it (mode 0700); change the mode or "
      "`user`";
  CHECK(room.faults(working_with("")) == Messages{warning});
  CHECK(room.load(working_with("")).table);
  CHECK(room.faults(working_with("user: root")).empty());
  room.host.me = "alice";
  CHECK(room.faults(working_with("")).size() == 1);
}
