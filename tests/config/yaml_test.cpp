// SPDX-License-Identifier: MIT
// What is no YAML, what is too much of it, and what of it we don't take.
#include "superd/config/yaml.hpp"

#include "tests/config/room.hpp"

using namespace superd;

namespace {

const std::string fine = "services:\n  fine:\n    listen: 127.0.0.1:0\n    run: /bin/cat\n";

// "a3": appended, since GCC 12 warns of what it makes of "a" + std::to_string(3).
std::string numbered(const char* name, int number) {
  return std::string(name).append(std::to_string(number));
}

}  // namespace

TEST_CASE("what is no YAML is explained") {
  struct Row {
    std::string text;
    std::string message;
  };
  const Row row = GENERATE(values<Row>({
      {"services:\n\tx:\n", "2:1: a tab in the indentation; YAML wants blanks there"},
      {"services:\n  x:\n  \tlisten: 79\n",
       "3:3: a tab in the indentation; YAML wants blanks there"},
      {"services: {\n", "1:11: this is not closed, or a comma is missing in it"},
      {"services: {x: [a, b}\n",
       "1:20: a ']' or '}' that nothing opens; remove it, or quote the "
       "text"},
      {"include: \"a\nservices:", "2:10: the quotes are not closed; close them"},
      {"services: }\n", "1:11: a ']' or '}' that nothing opens; remove it, or quote the text"},
      {"include: a\n  services: b\n",
       "2:11: a ':' where none can be; check the indentation, or put text that holds ': ' in "
       "quotes"},
      {"services:\n - a\n b: c\n", "3:2: this doesn't fit what is above it; check the indentation"},
      {"include: @x\n", "1:10: a bare word can't begin so; put it in quotes"},
      {"include: *x\n", "1:10: nothing above has the anchor that '*x' refers to"},
      {"include: &x [*x]\n", "1:14: this alias is inside of what it repeats"},
      {fine + "---\n" + fine, "5:1: a second document begins here; keep one to a file"},
      {"include: !!python/object x\n" + fine,
       "1:10: the tag 'tag:yaml.org,2002:python/object' means nothing here; remove it"},
      {"? {a: b}\n: c\n" + fine, "1:3: a key must be a word"},
      {fine + "    nice: \xFF\n", "5:11: a byte that isn't UTF-8; save the file as UTF-8"},
      {fine + std::string("    nice: \0", 11), "5:11: a NUL byte; this is no text"},
      {"include: [", "1:10: this is not closed, or a comma is missing in it"},
  }));
  CAPTURE(row.text);
  const Messages said = Room().faults(row.text);
  REQUIRE(!said.empty());
  CHECK(said[0] == "t.yaml:" + row.message);
}

TEST_CASE("a tab that is no indentation is no fault") {
  CHECK(Room().faults("services:\t# all\n  x:\n    listen: 79\t\n    run:\t/bin/cat\n").empty());
}

TEST_CASE("a byte order mark, Windows line ends and comments are no faults") {
  std::string windows = "\xEF\xBB\xBF# table\n" + fine;
  for (std::size_t at = 0; (at = windows.find('\n', at)) != std::string::npos; at += 2) {
    windows.insert(at, 1, '\r');
  }
  CHECK(Room().faults(windows).empty());
}

TEST_CASE("columns count characters, not bytes") {
  CHECK(Room().faults("services: {gr\xC3\xBC\xC3\x9F: 5}").at(0).find("t.yaml:1:12: ") == 0);
  CHECK(Room().faults("services: {\"\xC3\xA9\": {nice: 0}, x: 5}").at(0).find("t.yaml:1:12: ") ==
        0);
  const Messages said = Room().faults("services: {x: {description: \xC3\xA9\xC3\xA9, nice: ten}}");
  CHECK(said.back().find("t.yaml:1:39: service 'x': 'nice'") == 0);
}

TEST_CASE("anchors, aliases and merge keys work, and own keys win") {
  const Room room;
  const Loaded loaded = room.load(
      "services:\n"
      "  a: &a\n"
      "    listen: 127.0.0.1:1\n"
      "    run: &run [cat, x]\n"
      "    nice: 1\n"
      "    umask: 077\n"
      "  b:\n"
      "    <<: *a\n"
      "    listen: 127.0.0.1:2\n"
      "  c: {listen: 127.0.0.1:3, run: *run, <<: [{nice: 3}, *a]}\n");
  CAPTURE(room.said(loaded));
  REQUIRE(loaded.table);
  const auto& services = loaded.table->services;
  CHECK(services[1]->process->nice == 1);
  CHECK(to_text(services[1]->listen.at(0).address) == "127.0.0.1:2");
  CHECK(std::get<RunHandler>(services[2]->activation).arguments == Messages{"cat", "x"});
  CHECK(services[2]->process->nice == 3);
  CHECK(services[2]->process->umask == 077);
}

TEST_CASE("a merge key takes mappings only") {
  CHECK(Room().faults(fine + "    <<: 5\n") ==
        Messages{"t.yaml:5:9: '<<' adds the keys of other mappings; give it one, or a list of "
                 "them"});
  CHECK(Room().faults(fine + "    <<: [{nice: 1}, 5]\n").size() == 1);
}

TEST_CASE("an alias bomb is refused before it goes off") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 10; ++level) {
    const std::string before = numbered("*a", level - 1);
    std::string list = before;
    for (int i = 1; i < 10; ++i) list += ", " + before;
    bomb += numbered("a", level) + numbered(": &a", level) + " [" + list + "]\n";
  }
  const Messages said = Room().faults(bomb);
  REQUIRE(said.size() == 1);
  CHECK(said[0] ==
        "t.yaml:6:55: more than 1000000 values, those that aliases repeat counted each time");
}

TEST_CASE("a bomb of merge keys is one too") {
  std::string bomb = "a0: &a0 {k: x}\n";
  for (int level = 1; level < 40; ++level) {
    const std::string before = numbered("*a", level - 1);
    bomb += numbered("a", level) + numbered(": &a", level) + " {<<: [" + before + ", " + before +
            "]}\n";
  }
  CHECK(Room().faults(bomb).at(0).find("more than 1000000 values") != std::string::npos);
}

TEST_CASE("nesting has an end, in both of YAML's styles") {
  const Messages flow = Room().faults("services: " + std::string(100'000, '['));
  CHECK(flow == Messages{"t.yaml:1:43: more than 64 levels in each other"});
  std::string block;
  for (std::size_t level = 0; level < 1000; ++level) block += std::string(level, ' ') + "a:\n";
  CHECK(Room().faults(block) == Messages{"t.yaml:65:65: more than 64 levels in each other"});
  CHECK(Room().faults(std::string(100'000, '{')).size() == 1);
  std::string dashes;
  for (int level = 0; level < 50'000; ++level) dashes += "- ";
  CHECK(Room().faults(dashes).size() == 1);
}

TEST_CASE("a large value is refused in few words") {
  const Messages said =
      Room().faults(service_with({"listen: 79", "run: " + std::string(1'000'000, 'x')}));
  CHECK(said == Messages{"t.yaml:4:10: a value of 1000000 bytes; give at most 65536"});
  const Loaded loaded = Room().load(service_with({"run: " + std::string(1'000'000, 'x')}));
  CHECK(to_text(loaded.diagnostics.at(0)).size() < 500);
  const Messages larger = Room().faults(service_with({"run: " + std::string(10'000'000, 'x')}));
  CHECK(larger == Messages{"t.yaml: it is larger than 8 MiB"});
}

TEST_CASE("a file full of faults gives no flood") {
  std::string text = "services: {";
  for (int i = 0; i < 100'000; ++i) text += numbered("s", i) + ": 5, ";
  const Loaded loaded = Room().load(text + "}");
  CHECK(loaded.diagnostics.size() == 1001);
}
