#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# The rules of the house that a plain text scan can check, each with the reason in its message.
#   architecture_test.py [SOURCE_DIR]     exit status 1 when a rule is broken
# It reads and never writes. self_test.py proves that each rule can fail.

import math
import os
import re
import statistics
import subprocess
import sys
from functools import lru_cache
from pathlib import Path, PurePosixPath


def main():
  here = Path(__file__).resolve().parents[2]
  house = House(sys.argv[1] if len(sys.argv) > 1 else here)
  failed = 0
  for rule in RULES:
    faults = list(rule(house))
    for fault in faults:
      print(f"{rule.__name__}: {fault}")
    failed += bool(faults)
  print(f"{len(house.files)} files: {len(RULES) - failed} rules passed, {failed} failed")
  return 1 if failed else 0


# ---- the house: what is read

SOURCES = (".cpp", ".hpp")
ROOMS = ("superd", "services", "conf", "tests", "docs", "packaging", ".ci")


class House:
  """The text of every file of the project by its path from the root, e.g. superd/core/peer.cpp."""

  def __init__(self, root):
    self.root = Path(root)
    self.top = top_level(self.root)
    self.files = {p: t for p in walk(self.root) if (t := read(self.root / p)) is not None}

  def under(self, *tops, ends=""):
    return [p for p in self.files if p.split("/")[0] in tops and p.endswith(ends)]

  def cpp(self, *tops):
    return self.under(*(tops or ("superd",)), ends=SOURCES)


def top_level(root):
  """What is tracked at the top; without git, what is there apart from build trees."""
  git = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, text=True,
                       timeout=30, check=False) if (root / ".git").exists() else None
  tracked = git.stdout.split("\0")[:-1] if git and git.returncode == 0 else []
  if tracked:
    return sorted({path.split("/")[0] for path in tracked})
  return sorted(name for name in os.listdir(root) if not name.startswith("build"))


def walk(root):
  """Files not yet added to git are read too, so that a fault shows before the commit."""
  yield from (name for name in sorted(os.listdir(root)) if (root / name).is_file())
  for room in ROOMS:
    for folder, folders, names in os.walk(root / room):
      folders[:] = sorted(f for f in folders if f != "__pycache__" and not f.startswith("build"))
      yield from (Path(folder, n).relative_to(root).as_posix() for n in sorted(names))


def read(path):
  try:
    data = path.read_bytes()
  except OSError:                      # a dangling link, a socket of a running test
    return None
  return None if b"\0" in data else data.decode(errors="replace")


# ---- the text of C++: code without its comments and strings

NOT_CODE = re.compile(
    r'R"(?P<mark>[^()\\\s]*)\(.*?\)(?P=mark)"'     # raw string
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"        # a character, not the separator of 1'000
    r"|//[^\n]*|/\*.*?\*/", re.DOTALL)


@lru_cache(maxsize=None)
def code_lines(text):
  """The lines of `text`, comments and literals blanked, so that line numbers stay true."""
  return NOT_CODE.sub(lambda m: '""' + "\n" * m.group().count("\n"), text).split("\n")


def found(pattern, text):
  """(line number, what matched) for each match in the code of `text`."""
  for number, line in enumerate(code_lines(text), 1):
    for match in re.finditer(pattern, line):
      yield number, match.group().strip()


INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def includes(text):
  """(line number, '"' or '<', path) for each include."""
  for number, line in enumerate(text.split("\n"), 1):
    if match := INCLUDE.match(line):
      yield number, *match.groups()


# ---- floors

BELOW_CONFIG = {"base", "core"}
BELOW_IO = BELOW_CONFIG | {"os"}
BELOW_SERVER = BELOW_IO | {"config", "io"}
MAY_INCLUDE = {
    "base": {"base"},
    "core": {"base", "core"},
    "config": BELOW_CONFIG | {"config"},     # config and os are neighbours and never meet
    "os": BELOW_CONFIG | {"os"},
    "io": BELOW_IO | {"io"},
    "server": BELOW_SERVER | {"server"},     # so are server and relay
    "relay": BELOW_SERVER | {"relay"},
    "lookup": BELOW_IO | {"lookup"},         # it may block: no Asio, and nothing of the daemon's
    "warm": BELOW_IO | {"warm"},             # becomes a handler: small
    "resend": BELOW_IO | {"resend"},         # so may this one
    "rpc": BELOW_IO | {"rpc"},               # so may it
    "ctl": BELOW_IO | {"config", "ctl"},     # superctl waits by itself, and never serves
    "roof": BELOW_SERVER | {"server", "relay", "lookup", "resend", "rpc", "warm", "ctl", "roof"},
}
FLOORS = [floor for floor in MAY_INCLUDE if floor != "roof"]


def floor_of(path):
  parts = path.split("/")
  return parts[1] if len(parts) > 2 else "roof"


def floors(house):
  for path in house.cpp():
    floor = floor_of(path)
    if floor not in MAY_INCLUDE:
      yield f"{path}: {floor} is not a floor; the floors are {', '.join(FLOORS)}"
      continue
    for line, quote, target in includes(house.files[path]):
      if quote == '"' and target.startswith("superd/"):
        if (other := floor_of(target)) not in MAY_INCLUDE[floor]:
          yield f'{path}:{line} includes "{target}": {floor} may not include {other}'


def includes_from_the_root(house):
  for path in house.cpp():
    for line, quote, target in includes(house.files[path]):
      if quote == '"' and not target.startswith("superd/"):
        yield f'{path}:{line} includes "{target}": write it from the root, "superd/FLOOR/…"'
      if quote == "<" and target.startswith("superd/"):
        yield f'{path}:{line} includes <{target}>: write it in quotes, it is ours'


# ---- third parties: name, how its headers begin, the floors that may use it, why

THIRD_PARTIES = [
    ("yaml-cpp", ("yaml-cpp/",), {"config"}, "only config reads YAML"),
    ("Asio", ("boost/asio",), {"io", "server", "relay", "roof"}, "only io and above wait"),
    ("spdlog", ("spdlog/",), {"server", "roof"}, "the floors below return, the reporter prints"),
    ("ncurses", ("ncurses", "curses.h"), {"ctl"}, "only superctl top draws"),
    ("CLI11", ("CLI/",), {"roof"}, "only a main reads a command line"),
    ("libtirpc", ("rpc/",), {"rpc"}, "only superd-rpc talks to rpcbind"),
    ("Catch2", ("catch2/", "catch.hpp"), set(), "tests live in tests/"),
]


def third_parties(house):
  for path in house.cpp():
    floor = floor_of(path)
    for line, _, target in includes(house.files[path]):
      for name, beginnings, allowed, reason in THIRD_PARTIES:
        if target.startswith(beginnings) and floor not in allowed:
          yield f"{path}:{line} includes <{target}>: {floor} may not use {name}: {reason}"


# ---- bans: pattern, files that may, why

MAINS = ("superd/main.cpp", "superd/superctl.cpp", "superd/relay_main.cpp")
BANS = [
    (r"\bdetached\b", ("superd/io/task.",),
     "a detached task throws its exceptions away; start it with spawn(name, task)"),
    (r"(?<![\w.>])fork\s*\(|\bSYS_fork\b",
     ("superd/os/process.", "superd/os/daemonize.", "superd/lookup/jobs.",
      "superd/warm/tracer."),
     "fork copies page tables and descriptors; programs are started by os/process"),
    (r"(?<![\w.>])(?:vfork\s*\(|posix_spawnp?\s*\(|clone3?\s*\((?!\s*\)))"   # clone() is a copy
     r"|\bSYS_(?:vfork|clone3?)\b",
     ("superd/os/process.",), "os/process is the only door to a new process"),
    (r"(?<![\w.>])(?:system|popen)\s*\(", ("superd/os/process.",),
     "no shell stands between superd and a program; programs are started by os/process"),
    (r"\bcatch\s*\(\s*\.\.\.\s*\)", ("superd/io/task.",) + MAINS,
     "exceptions are bugs; only io/task and a main may catch them all"),
    (r"\bthis_thread::sleep_(?:for|until)\b|(?<![\w.>])(?:u|nano)?sleep\s*\(", (),
     "a sleeping thread stops every service; co_await the sleep_for of io/task"),
    (r"\busing\s+namespace\s+std\s*;", (), "say std::, so that a name shows where it is from"),
    (r"\b(?:class|struct|enum|union|using|concept)\s+(?:class\s+|struct\s+)?"
     r"\w*(?:Manager|Helper|Util(?:s|ity)?)(?![a-z])\w*", (),
     "name the thing it is; Manager, Helper and Util say nothing"),
]


def bans(house):
  for path in house.cpp():
    for pattern, allowed, reason in BANS:
      if not path.startswith(allowed or ("\0",)):
        for line, what in found(pattern, house.files[path]):
          yield f'{path}:{line} has "{what}": {reason}'


def file_names(house):
  for path in house.under("superd", "services", "tests"):
    if re.search(r"(?:^|[/_])(?:manager|helper|util)(?:s|ity)?(?=[/_.]|$)", path):
      yield f"{path}: name the thing it is; manager, helper and util say nothing"


# ---- words no file may hold

SCRIPTS = ("tests", "services", "packaging", ".ci")
OURSELVES = "tests/architecture/"              # names the words in order to refuse them


def words(house):
  for path, text in house.files.items():
    if path.startswith(OURSELVES):
      continue
    script = path.split("/")[0] in SCRIPTS or text.startswith("#!")
    for number, line in enumerate(text.split("\n"), 1):
      if "TODO(now)" in line:
        yield f"{path}:{number} has \"TODO(now)\": now is now"
      if script and (match := re.search(r"\b(?:pkill|killall)\b", line)):
        yield f'{path}:{number} has "{match.group()}": end what you started, by its pid'


# ---- how a file begins

SPDX = re.compile(r"^(?://|#) SPDX-License-Identifier: MIT$")
COMMENT = re.compile(r"^(?://|#(?!include|pragma)) ?\S")


def beginnings(house):
  for path, text in house.files.items():
    if not is_source(path, text):
      continue
    lines = text.split("\n")
    first = 1 if lines[0].startswith("#!") else 0
    if first >= len(lines) or not SPDX.match(lines[first]):
      yield f"{path}:{first + 1} must be the SPDX-License-Identifier: MIT comment"
    elif not 1 <= (purpose := purpose_length(lines[first + 1:])) <= 5:
      yield f"{path}:{first + 2} begins with {purpose} lines of purpose; write one to five"


def is_source(path, text):
  name = PurePosixPath(path)
  return (name.suffix in SOURCES + (".c", ".h", ".py", ".sh", ".cmake")
          or name.name == "CMakeLists.txt" or text.startswith("#!"))


def purpose_length(lines):
  """Lines of the comment, or of the docstring, that `lines` begin with."""
  if lines and lines[0].startswith('"""'):
    end = next((i for i, line in enumerate(lines) if line.count('"""') == (1 if i else 2)), 99)
    return end + 1
  return next((i for i, line in enumerate(lines) if not COMMENT.match(line)), len(lines))


# ---- headers

def pragma_once(house):
  for path in house.cpp():
    if path.endswith(".hpp") and not re.search(r"^#pragma once$", house.files[path], re.M):
      yield f"{path} has no #pragma once"


def own_header_first(house):
  for path in house.cpp():
    own = path.removesuffix(".cpp") + ".hpp"
    if path.endswith(".cpp") and own in house.files:
      line, _, target = next(includes(house.files[path]), (1, "", "nothing"))
      if target != own:
        yield f'{path}:{line} includes {target} first: begin with "{own}", so that it stands alone'


# ---- size

LONGEST, MEDIAN, NINETIETH, LONGEST_TEST, COLUMNS = 400, 120, 300, 600, 100


def length(text):
  return len(text.splitlines())


def budget(house):
  for path in house.under("superd"):
    if (n := length(house.files[path])) > LONGEST:
      yield f"{path} has {n} lines; {LONGEST} are the most, so split it"
  for path in house.under("tests", ends=("_test.cpp", ".py")):
    if (n := length(house.files[path])) > LONGEST_TEST:
      yield f"{path} has {n} lines; {LONGEST_TEST} are the most for a test, so split it"
  lengths = sorted(length(house.files[path]) for path in house.cpp())
  if lengths and (median := statistics.median(lengths)) > MEDIAN:
    yield f"superd: the median file has {median:g} lines; {MEDIAN} are the most"
  if lengths and (p90 := lengths[math.ceil(len(lengths) * 0.9) - 1]) > NINETIETH:
    yield f"superd: the 90th percentile of files has {p90} lines; {NINETIETH} are the most"


def columns(house):
  for path in house.cpp():
    for number, line in enumerate(house.files[path].split("\n"), 1):
      if len(line) > COLUMNS:
        yield f"{path}:{number} has {len(line)} columns; {COLUMNS} are the most"


# ---- the plan of the house

TOP = {"CMakeLists.txt", "README.md", "LICENSE", "superd", "services", "conf", "tests", "docs",
       "packaging"}


def top_of_the_tree(house):
  for name in house.top:
    if name not in TOP and not name.startswith("."):
      yield f"{name}: the top level holds only {', '.join(sorted(TOP))} and dot files"


def tests_mirror_the_house(house):
  for path in house.under("tests", ends="_test.cpp"):
    parts = path.split("/")
    if len(parts) == 3 and parts[1] in FLOORS:
      room = f"superd/{parts[1]}/{parts[2].removesuffix('_test.cpp')}.hpp"
      if room not in house.files:
        yield f"{path} mirrors nothing: there is no {room}"


def no_dead_files(house):
  listed = set()
  for path in house.files:
    if path.split("/")[-1] == "CMakeLists.txt":
      listed |= listed_by(path, house.files[path])
  for path in house.under("superd", ends=".cpp") + house.under("tests", ends="_test.cpp"):
    if path not in listed:
      yield f"{path} is dead: no CMakeLists.txt names it"


def listed_by(path, text):
  """The paths from the root that a CMakeLists.txt can mean: from its own folder or the root."""
  text = re.sub(r"#.*", "", text)
  text = re.sub(r"\$\{(?:CMAKE_CURRENT_|CMAKE_|PROJECT_)SOURCE_DIR\}/", "", text)
  names = re.findall(r"[\w./+-]+\.cpp\b", text)
  folder = os.path.dirname(path)
  return {os.path.normpath(os.path.join(base, name)) for name in names for base in (folder, "")}


RULES = [floors, includes_from_the_root, third_parties, bans, file_names, words, beginnings,
         pragma_once, own_header_first, budget, columns, top_of_the_tree, tests_mirror_the_house,
         no_dead_files]

if __name__ == "__main__":
  sys.exit(main())
