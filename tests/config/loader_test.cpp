// SPDX-License-Identifier: MIT
// Files and includes: what is read, in which order, and what is refused.
#include <sys/stat.h>

#include "superd/config/source.hpp"
#include "tests/config/room.hpp"

using namespace superd;

namespace {

std::string service_named(const std::string& name) {
  return "services: {" + name + ": {listen: 'unix:@" + name + "', run: /bin/cat}}\n";
}

Messages names_of(const Loaded& loaded) {
  Messages names;
  for (const ServicePtr& service : loaded.table.value().services) names.push_back(service->name);
  return names;
}

}  // namespace

TEST_CASE("what is no file to read is said so") {
  const Room room;
  const auto said = [&](const std::string& path) { return room.said(load(path, room.host)); };
  CHECK(said(room.path("nowhere.yaml")) ==
        Messages{"nowhere.yaml: it can't be read: No such file or directory"});
  room.write("file", "");
  CHECK(said(room.path("file/x.yaml")) ==
        Messages{"file/x.yaml: it can't be read: Not a directory"});
  CHECK(load(room.path(), room.host).diagnostics.at(0).message ==
        "it is a directory; name a file in it");
  REQUIRE(mkfifo(room.path("pipe").c_str(), 0600) == 0);
  CHECK(said(room.path("pipe")) == Messages{"pipe: it is a pipe; name a regular file"});
  CHECK(load("/dev/zero", room.host).diagnostics.at(0).message ==
        "it is a device or a socket; name a regular file");
}

TEST_CASE("an empty file, or one that serves nothing, is an error") {
  const std::string text = GENERATE(values<std::string>({"", "\n", "# nothing\n", "---\n", "~\n"}));
  CAPTURE(text);
  CHECK(Room().faults(text) == Messages{"t.yaml: it is empty; it needs `services:`"});
}

TEST_CASE("a file without services is an error") {
  CHECK(Room().faults("daemon: {instances: 5}\n") ==
        Messages{"t.yaml: there is nothing to serve; add `services:`"});
  CHECK(Room().faults("services:\n") ==
        Messages{"t.yaml:1:1: 'services' has no value; give a mapping of NAME: {listen: …, run: "
                 "…}"});
  CHECK(Room().faults("- services\n") ==
        Messages{"t.yaml:1:1: this is a list; a file is a mapping with `services:`"});
  CHECK(Room().faults("services: [x]\n") ==
        Messages{"t.yaml:1:11: 'services' is a list; give a mapping of NAME: {listen: …, run: …}"});
}

TEST_CASE("includes are read where they stand, globs in name order") {
  const Room room;
  room.write("d/b.yaml", service_named("b"));
  room.write("d/a.yaml", service_named("a"));
  room.write("d/.hidden.yaml", service_named("hidden"));
  room.write("one.yaml", service_named("one"));
  CHECK(names_of(room.load("include: [d/*.yaml, one.yaml]\n" + service_named("main"))) ==
        Messages{"a", "b", "one", "main"});
  CHECK(names_of(room.load(service_named("main") + "include: one.yaml\n")) ==
        Messages{"main", "one"});
  CHECK(names_of(room.load("include: none/*.yaml\n" + service_named("main"))) == Messages{"main"});
  CHECK(names_of(room.load("include: none/*.yaml\n")).empty());
}

TEST_CASE("paths in an included file begin at that file") {
  const Room room;
  room.write("d/deep/c.yaml", service_named("c"));
  room.write("d/b.yaml",
             "include: deep/c.yaml\nservices: {b: {listen: 'unix:b.sock', run: cat}}\n");
  const Loaded loaded = room.load("include: d/b.yaml\n");
  CHECK(names_of(loaded) == Messages{"c", "b"});
  CHECK(to_text(loaded.table->services[1]->listen[0].address) == "unix:" + room.path("d/b.sock"));
}

TEST_CASE("includes that can't be followed are said where they are written") {
  const Room room;
  room.write("bad.yaml", "services: {x: {listen: 79, run: /bin/cat, oops: 1}}\n");
  room.write("loop.yaml", "include: [t.yaml]\n");
  room.write("daemon.yaml", "daemon: {}\n" + service_named("x"));
  room.write("empty.yaml", "");
  struct Row {
    const char* written;
    const char* message;
  };
  const Row row = GENERATE(values<Row>({
      {"[nowhere.yaml]",
       "t.yaml:1:11: include of 'nowhere.yaml': it can't be read: No such file or directory"},
      {"./", "t.yaml:1:10: include of '': it is a directory; name a file in it"},
      {"[bad.yaml/x]", "t.yaml:1:11: include of 'bad.yaml/x': it can't be read: Not a directory"},
      {"t.yaml", "t.yaml:1:10: include goes in a circle: t.yaml → t.yaml; remove one"},
      {"[loop.yaml]",
       "loop.yaml:1:11: include goes in a circle: t.yaml → loop.yaml → t.yaml; remove one"},
      {"[none.yaml, empty.yaml]", "empty.yaml: it is empty; it needs `services:`"},
      {"[fine.yaml, fine.yaml]",
       "t.yaml:1:22: include of 'fine.yaml' a second time, first at t.yaml:1:11; remove one"},
      {"[daemon.yaml]",
       "daemon.yaml:1:1: 'daemon' belongs in the main file, 't.yaml'; move it "
       "there"},
      {"[bad.yaml]", "bad.yaml:1:43: service 'x': unknown key 'oops'; give description, listen, "},
      {"",
       "t.yaml:1:1: 'include' has no value; give a path, a glob such as superd.d/*.yaml, or a "
       "list of them"},
      {"[[a]]",
       "t.yaml:1:11: 'include' is a list; give a path, a glob such as superd.d/*.yaml, or "
       "a list of them"},
  }));
  CAPTURE(row.written);
  room.write("fine.yaml", service_named("fine"));
  const Messages said =
      room.faults("include: " + std::string(row.written) + "\n" + service_named("main"));
  const bool found = std::any_of(said.begin(), said.end(), [&](const std::string& message) {
    return message.find(row.message) == 0;
  });
  CAPTURE(said);
  CHECK(found);
}

TEST_CASE("files in each other have an end") {
  const Room room;
  for (int i = 1; i < 10; ++i) {
    room.write(std::to_string(i) + ".yaml", "include: " + std::to_string(i + 1) + ".yaml\n");
  }
  CHECK(room.faults("include: 1.yaml\n") ==
        Messages{"8.yaml:1:10: include of '9.yaml': more than 8 files in each other"});
}

TEST_CASE("a file that others can change is a warning to root") {
  Room room;
  const std::string path = room.write("open.yaml", service_named("x"));
  REQUIRE(chmod(path.c_str(), 0664) == 0);
  const Loaded loaded = load(path, room.host);
  CHECK(loaded.table);
  CHECK(loaded.diagnostics.at(0).message ==
        "it is writable by others than its owner, and superd runs as root; chmod go-w " + path);
  CHECK(loaded.diagnostics.at(0).severity == Severity::warning);
  CHECK(room.faults("include: open.yaml\n").size() == 1);
  room.host.me = "alice";
  CHECK(load(path, room.host).diagnostics.empty());
}

TEST_CASE("lines are found by their number") {
  Source source;
  source.text = "one\r\n\nthree";
  CHECK(source.line(1) == "one");
  CHECK(source.line(2).empty());
  CHECK(source.line(3) == "three");
  CHECK(source.line(4).empty());
  const Room room;
  const auto file = std::make_shared<const std::string>(room.write("two", "one\ntwo\n"));
  CHECK(line_at({file, 2, 1}) == "two");
  CHECK(line_at({std::make_shared<const std::string>(room.path("gone")), 1, 1}).empty());
  CHECK(line_at({}).empty());
}
