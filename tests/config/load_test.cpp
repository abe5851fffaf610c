// SPDX-License-Identifier: MIT
// Whatever becomes of a file, loading it ends, and what isn't said to be wrong has a table.
#include <random>

#include "tests/config/room.hpp"

using namespace superd;

namespace {

const std::string whole = R"(# everything once
daemon:
  log: { to: stderr, format: text, level: info }
  services_dir: .
  instances: 100
  stop_after: 30s
defaults: &base
  umask: 022
  rlimits: { nofile: 64:1024, cpu: 10s }
services:
  one: &one
    description: "says \x41 and 'é'"
    listen: [7001, {address: 127.0.0.1:7002, backlog: 5, nodelay: yes}]
    run: /bin/cat 'a b' "c"
    user: alice
    groups: [user, mail]
    environment: {LANG: C, X: |
       block
      }
    pass_environment: [TZ]
    stderr: null
  two:
    <<: *one
    listen:
      - address: unix:/run/x.sock
        mode: 0660
    run:
      - /bin/sh
      - -c
      - >
        folded
        text
    stop_signal: INT
)";

void check(const Room& room, const std::string& text) {
  const Loaded loaded = room.load(text);
  CAPTURE(text);
  // CHECK counts and compares each time; a table has a thousand ways to be damaged.
  if (loaded.table.has_value() == has_errors(loaded.diagnostics)) FAIL("a table with errors");
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (to_text(diagnostic).size() > 2000) FAIL("a long message");
  }
}

}  // namespace

TEST_CASE("every beginning of a file can be loaded") {
  const Room room;
  for (std::size_t size = 0; size <= whole.size(); ++size) check(room, whole.substr(0, size));
}

TEST_CASE("a file with one byte changed can be loaded") {
  const Room room;
  static constexpr char bytes[] = "\t\n :{}[],&*!|>'\"%@`#-?<~\\a9\x7F\x80\xC3\xFF";  // and its NUL
  std::mt19937 random(4711);  // the same damage in each run
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int i = 0; i < 3; ++i) {
      std::string damaged = whole;
      damaged[at] = bytes[random() % sizeof bytes];
      check(room, damaged);
    }
  }
}

TEST_CASE("a file with pieces of it moved about can be loaded") {
  const Room room;
  std::mt19937 random(815);
  for (int round = 0; round < 1000; ++round) {
    std::string damaged = whole;
    for (int i = 0; i < 3; ++i) {
      const std::size_t from = random() % damaged.size();
      const std::string piece = damaged.substr(from, random() % 40);
      damaged.erase(from, random() % 2 == 0 ? piece.size() : 0);
      damaged.insert(random() % (damaged.size() + 1), piece);
    }
    check(room, damaged);
  }
}
