// SPDX-License-Identifier: MIT
// The keys control and control_access, and a look at the first alone.
#include "superd/config/control.hpp"

#include "tests/config/room.hpp"

using namespace superd;

namespace {

Loaded load_with(const Room& room, const std::string& daemon) {
  return room.load("daemon: " + daemon + "\n" + working_with(""));
}

ControlSettings control_with(const Room& room, const std::string& daemon) {
  const Loaded loaded = load_with(room, daemon);
  CAPTURE(room.said(loaded));
  return loaded.table.value().daemon.control;
}

}  // namespace

TEST_CASE("without `control` its defaults hold") {
  CHECK(control_with(Room(), "{instances: 5}") == ControlSettings{});
}

TEST_CASE("control is a path, none or a mapping") {
  const Room room;
  CHECK(control_with(room, "{control: /run/x/c.sock}").path == "/run/x/c.sock");
  CHECK(control_with(room, "{control: ./c.sock}").path == room.path("c.sock"));
  CHECK(control_with(room, "{control: none}").enabled == false);
  const ControlSettings control =
      control_with(room, "{control: {path: /run/c.sock, owner: alice, group: mail, mode: 0660}}");
  CHECK(control.enabled);
  CHECK(control.path == "/run/c.sock");
  CHECK(control.owner == 1000U);
  CHECK(control.group == gid_t{8});
  CHECK(control.mode == mode_t{0660});
  CHECK(!control_with(room, "{control: {mode: 0660}}").path);
}

TEST_CASE("control_access has users and groups, by name or number, each once") {
  const ControlSettings control = control_with(
      Room(), "{control_access: {read: [root, \"@mail\", \"@8\", 1000], change: bob}}");
  CHECK(control.read == Accounts{{0, 1000}, {8}});
  CHECK(control.change == Accounts{{1001}, {}});
  CHECK(control_with(Room(), "{control_access: {read: []}}").read == Accounts{});
}

TEST_CASE("faulty values of control are said with a remedy") {
  struct Row {
    std::string written;
    std::string message;
  };
  const std::string form =
      "give a path, none, or a mapping such as {path: /run/superd.sock, group: staff, mode: 0660}";
  const std::string list = "give users, and groups as \"@staff\"";
  const Row row = GENERATE_COPY(values<Row>({
      {"{control: }", "1:10: daemon: 'control' has no value; " + form},
      {"{control: [a]}", "1:19: daemon: 'control' is a list; " + form},
      {"{control: non}", "1:19: daemon: 'control' is \"non\"; give a path with a slash"},
      {"{control: {pth: /x}}", "1:20: daemon.control: unknown key 'pth'; did you mean 'path'?"},
      {"{control: {owner: eve}}",
       "1:27: daemon.control: 'owner' is \"eve\"; no such user; give one that exists"},
      {"{control: {group: eve}}",
       "1:27: daemon.control: 'group' is \"eve\"; no such group; give one that exists"},
      {"{control: {mode: 888}}",
       "1:26: daemon.control: 'mode' is \"888\"; give an octal number from 0 to 0777"},
      {"{control_access: root}",
       "1:26: daemon.control_access: 'control_access' is \"root\"; give a mapping such as {read: "
       "[alice, \"@staff\"], change: [root]}"},
      {"{control_access: {wirte: root}}",
       "1:27: daemon.control_access: unknown key 'wirte'; give read or change"},
      {"{control_access: {read: }}", "1:27: daemon.control_access: 'read' has no value; " + list},
      {"{control_access: {read: [[x]]}}", "1:34: daemon.control_access: 'read' is a list; " + list},
      {"{control_access: {read: [eve]}}",
       "1:34: daemon.control_access: 'read' is \"eve\"; no such user; give one that exists, or a "
       "group as \"@staff\""},
      {"{control_access: {change: \"@eve\"}}",
       "1:35: daemon.control_access: 'change' is \"@eve\"; no such group; give one that exists"},
  }));
  CAPTURE(row.written);
  const Room room;
  CHECK(room.said(load_with(room, row.written)) == Messages{"t.yaml:" + row.message});
}

TEST_CASE("a path that no UNIX socket can have is a fault") {
  const Room room;
  const auto path_of = [](std::size_t size) {
    std::string path(size, 'x');
    path[0] = '/';
    return path;
  };
  CHECK(control_with(room, "{control: " + path_of(107) + "}").path == path_of(107));
  const Messages said = room.said(load_with(room, "{control: " + path_of(108) + "}"));
  REQUIRE(said.size() == 1);
  CHECK(said[0].find("has at most 107 bytes, and this one has 108; give") != std::string::npos);
}

TEST_CASE("the socket is found without a look at the rest of the table") {
  const Room room;
  const auto found = [&](const std::string& text) {
    return control_settings_of(room.write("t.yaml", text), room.host);
  };
  CHECK(found("daemon: {control: sub/c.sock}").value().path == room.path("sub/c.sock"));
  CHECK(found("services: {x: {lisen: 79}}\ndaemon: {logg: 5, control: none}").value().enabled ==
        false);
  CHECK(found("include: nowhere.yaml").value() == ControlSettings{});
  CHECK(found("").value() == ControlSettings{});
  CHECK(found("[a, list]").value() == ControlSettings{});
}

TEST_CASE("no settings come of what can't be read") {
  const Room room;
  CHECK(!control_settings_of(room.path("nowhere.yaml"), room.host));
  CHECK(!control_settings_of(room.write("t.yaml", "daemon: {"), room.host));
  CHECK(!control_settings_of(room.write("t.yaml", "daemon: {control: {mode: 9}}"), room.host));
}
