#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# Proves that the architecture test can fail: a small sound house has no fault, and each
# way to break it, alone, gives exactly the message expected.

import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
import architecture_test as architecture  # noqa: E402


def main():
  failed = 0
  for name, files, expected in CASES:
    faults = faults_of({**SOUND, **files})
    if faults != expected:
      failed += 1
      print(f"{name}:\n  expected {expected}\n  found    {faults}")
  faults = faults_with_git()
  if faults:
    failed += 1
    print(f"what git ignores at the top is nobody's business, found {faults}")
  print(f"{len(CASES) + 1 - failed} passed, {failed} failed")
  return 1 if failed else 0


def faults_of(files):
  with tempfile.TemporaryDirectory() as root:
    build(root, files)
    house = architecture.House(root)
    return [fault for rule in architecture.RULES for fault in rule(house)]


def build(root, files):
  for path, text in files.items():
    file = Path(root, path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def faults_with_git():
  """A tracked house with a scratch file at the top that is not tracked."""
  with tempfile.TemporaryDirectory() as root:
    build(root, SOUND)
    for command in (["init", "-q"], ["add", "."]):
      if subprocess.run(["git", *command], cwd=root, timeout=30, check=False).returncode:
        return ["git failed"]
    build(root, {"scratch.txt": ""})
    house = architecture.House(root)
    return [fault for rule in architecture.RULES for fault in rule(house)]


# ---- a sound house

def cpp(*lines):
  return "\n".join(["// SPDX-License-Identifier: MIT", "// Why this is here.", *lines, ""])


def header(*lines):
  return cpp("#pragma once", *lines)


def cmake(*lines):
  return "\n".join(["# SPDX-License-Identifier: MIT", "# The list.", *lines, ""])


SOUND = {
    "CMakeLists.txt": cmake("add_subdirectory(superd)"),
    "README.md": "superd\n",
    "superd/CMakeLists.txt": cmake("add_library(core core/admission.cpp)  # not core/dead.cpp",
                                   "add_executable(superd main.cpp)"),
    "superd/main.cpp": cpp("#include <CLI/CLI.hpp>", '#include "superd/core/admission.hpp"',
                           "int main() try { return 0; } catch (...) { return 1; }"),
    "superd/base/text.hpp": header("// Never a fork() here, nor 'detached'.",
                                   "/* system(", "   popen( */",
                                   'inline const char* help = "sleep(1) and // fork()";',
                                   'inline const char* raw = R"x(clone( " fork()", )x";',
                                   "struct Formatter { Formatter clone() const; };",
                                   "inline int million = 1'000'000;"),
    "superd/core/admission.hpp": header('#include "superd/base/text.hpp"', "int admit();"),
    "superd/core/admission.cpp": cpp('#include "superd/core/admission.hpp"', "",
                                     "int admit() { return waker.clone(), room.system(); }"),
    "superd/os/clock.hpp": header("int now();"),
    "superd/os/process.hpp": header("inline int start() { return vfork(); }"),
    "superd/io/task.hpp": header("#include <boost/asio/detached.hpp>",
                                 "inline int run() { return detached; }"),
    "tests/CMakeLists.txt": cmake("add_executable(core_test core/admission_test.cpp)"),
    "tests/core/admission_test.cpp": cpp('#include "superd/core/admission.hpp"'),
    "services/hello/hello": "#!/bin/sh\n# SPDX-License-Identifier: MIT\n# Greets.\necho hello\n",
    "docs/ARCHITECTURE.md": "There is no killall and no fork() in the house.\n",
}


# ---- ways to break it: what it is about, the files changed, the faults expected

def include_case(floor, include, fault):
  path = f"superd/{floor}/x.hpp" if floor != "roof" else "superd/x.hpp"
  return (f"{floor} includes {include}", {path: header(f"#include {include}")},
          [f"{path}:4 includes {include}: {fault}"])


def ban_case(code, what, reason, path="superd/core/x.hpp"):
  return (f"ban of {what}", {path: header(code)}, [f'{path}:4 has "{what}": {reason}'])


FORK = "fork copies page tables and descriptors; programs are started by os/process"
DOOR = "os/process is the only door to a new process"
SHELL = "no shell stands between superd and a program; programs are started by os/process"
ASLEEP = "a sleeping thread stops every service; co_await the sleep_for of io/task"
NAMES = "name the thing it is; Manager, Helper and Util say nothing"
FOUND_OUT = "superd/core/admission.cpp"
TOP = ", ".join(sorted(architecture.TOP))
FIVE = ["// More."] * 5

CASES = [
    ("a sound house", {}, []),
    ("core includes os in a .cpp, as a reader sees it",
     {FOUND_OUT: cpp('#include "superd/core/admission.hpp"', "", "#include <string>", "", "", "",
                     '#include "superd/os/clock.hpp"')},
     ['superd/core/admission.cpp:9 includes "superd/os/clock.hpp": core may not include os']),
    include_case("base", '"superd/core/admission.hpp"', "base may not include core"),
    include_case("config", '"superd/os/clock.hpp"', "config may not include os"),
    include_case("os", '"superd/config/load.hpp"', "os may not include config"),
    include_case("io", '"superd/config/load.hpp"', "io may not include config"),
    include_case("io", '"superd/server/session.hpp"', "io may not include server"),
    include_case("server", '"superd/relay/pump.hpp"', "server may not include relay"),
    include_case("relay", '"superd/server/session.hpp"', "relay may not include server"),
    include_case("ctl", '"superd/io/task.hpp"', "ctl may not include io"),
    include_case("ctl", '"superd/server/session.hpp"', "ctl may not include server"),
    include_case("server", '"superd/ctl/ask.hpp"', "server may not include ctl"),
    include_case("server", '"superd/options.hpp"', "server may not include roof"),
    include_case("core", '"peer.hpp"', 'write it from the root, "superd/FLOOR/…"'),
    include_case("core", "<superd/core/peer.hpp>", "write it in quotes, it is ours"),
    ("a floor that is none", {"superd/net/x.hpp": header()},
     ["superd/net/x.hpp: net is not a floor; "
      "the floors are base, core, config, os, io, server, relay, lookup, warm, resend, rpc, ctl"]),

    include_case("core", "<yaml-cpp/yaml.h>", "core may not use yaml-cpp: only config reads YAML"),
    include_case("os", "<boost/asio/post.hpp>", "os may not use Asio: only io and above wait"),
    include_case("io", "<spdlog/spdlog.h>",
                 "io may not use spdlog: the floors below return, the reporter prints"),
    include_case("server", "<CLI/CLI.hpp>",
                 "server may not use CLI11: only a main reads a command line"),
    include_case("roof", "<catch2/catch.hpp>", "roof may not use Catch2: tests live in tests/"),

    ban_case("auto x = asio::detached;", "detached",
             "a detached task throws its exceptions away; start it with spawn(name, task)"),
    ban_case("int x = fork();", "fork(", FORK),
    ban_case("int x = ::vfork();", "vfork(", DOOR, "superd/server/x.hpp"),
    ban_case("int x = clone (f);", "clone (", DOOR),
    ban_case("int x = posix_spawnp(f);", "posix_spawnp(", DOOR),
    ban_case("int x = raw(SYS_clone3);", "SYS_clone3", DOOR),
    ban_case("int x = vfork();", "vfork(", DOOR, "superd/os/daemonize.hpp"),
    ban_case("int x = std::system(f);", "system(", SHELL),
    ban_case("int x = popen(f);", "popen(", SHELL),
    ban_case("try { x(); } catch (...) {}", "catch (...)",
             "exceptions are bugs; only io/task and a main may catch them all"),
    ban_case("std::this_thread::sleep_for(1s);", "this_thread::sleep_for", ASLEEP),
    ban_case("sleep(1);", "sleep(", ASLEEP),
    ban_case("::usleep(1);", "usleep(", ASLEEP),
    ban_case("using namespace std;", "using namespace std;",
             "say std::, so that a name shows where it is from"),
    ban_case("class ChildManager;", "class ChildManager", NAMES),
    ban_case("struct TextUtils {};", "struct TextUtils", NAMES),
    ban_case("enum class Helper {};", "enum class Helper", NAMES),
    ("the double fork of daemonize", {"superd/os/daemonize.hpp": header("int x = fork();")}, []),
    ("a process for each lookup", {"superd/lookup/jobs.hpp": header("int x = fork();")}, []),
    ("utilization is a word of the field", {"superd/core/x.hpp": header("struct Utilization;")},
     []),
    ("a file named util", {"superd/base/string_util.hpp": header()},
     ["superd/base/string_util.hpp: name the thing it is; manager, helper and util say nothing"]),

    ("TODO(now)", {"superd/core/x.hpp": header("// TODO(now): finish")},
     ['superd/core/x.hpp:4 has "TODO(now)": now is now']),
    ("pkill in a test", {"tests/x.sh": "# SPDX-License-Identifier: MIT\n# Why.\npkill superd\n"},
     ['tests/x.sh:3 has "pkill": end what you started, by its pid']),
    ("killall in a script", {"docs/x": "#!/bin/sh\n# SPDX-License-Identifier: MIT\n# Why.\n"
                                       "killall superd\n"},
     ['docs/x:4 has "killall": end what you started, by its pid']),

    ("no licence", {"superd/core/x.hpp": "#pragma once\n"},
     ["superd/core/x.hpp:1 must be the SPDX-License-Identifier: MIT comment"]),
    ("no licence after the interpreter", {"services/x/x": "#!/bin/sh\necho\n"},
     ["services/x/x:2 must be the SPDX-License-Identifier: MIT comment"]),
    ("no purpose", {"superd/core/x.hpp": "// SPDX-License-Identifier: MIT\n#pragma once\n"},
     ["superd/core/x.hpp:2 begins with 0 lines of purpose; write one to five"]),
    ("too much purpose", {"superd/core/x.hpp": cpp(*FIVE, "#pragma once")},
     ["superd/core/x.hpp:2 begins with 6 lines of purpose; write one to five"]),
    ("a docstring as purpose", {"tests/x.py": '# SPDX-License-Identifier: MIT\n"""Why."""\n'}, []),

    ("no pragma once", {"superd/core/x.hpp": cpp()}, ["superd/core/x.hpp has no #pragma once"]),
    ("own header not first",
     {FOUND_OUT: cpp("#include <string>", '#include "superd/core/admission.hpp"')},
     ["superd/core/admission.cpp:3 includes string first: "
      'begin with "superd/core/admission.hpp", so that it stands alone']),

    ("a long file", {"superd/core/x.hpp": header(*["int x;"] * 398)},
     ["superd/core/x.hpp has 401 lines; 400 are the most, so split it",
      "superd: the 90th percentile of files has 401 lines; 300 are the most"]),
    ("a long test", {"tests/x.py": "# SPDX-License-Identifier: MIT\n# Why.\n" + "x = 1\n" * 599},
     ["tests/x.py has 601 lines; 600 are the most for a test, so split it"]),
    ("files that grow",
     {f"superd/core/x{n}.hpp": header(*["int x;"] * 118) for n in range(8)},
     ["superd: the median file has 121 lines; 120 are the most"]),
    ("a wide line", {"superd/core/x.hpp": header("// " + "ü" * 98)},
     ["superd/core/x.hpp:4 has 101 columns; 100 are the most"]),

    ("a file at the top", {"notes.txt": "", "build-debug/x": ""},
     [f"notes.txt: the top level holds only {TOP} and dot files"]),
    ("a test of no room", {"tests/os/x_test.cpp": cpp(),
                           "tests/os/CMakeLists.txt": cmake("add_executable(x x_test.cpp)")},
     ["tests/os/x_test.cpp mirrors nothing: there is no superd/os/x.hpp"]),
    ("a dead file", {"superd/core/dead.cpp": cpp()},
     ["superd/core/dead.cpp is dead: no CMakeLists.txt names it"]),
    ("a dead test", {"tests/fuzz/x_test.cpp": cpp()},
     ["tests/fuzz/x_test.cpp is dead: no CMakeLists.txt names it"]),
]

if __name__ == "__main__":
  sys.exit(main())
