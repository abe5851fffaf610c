#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# Holds the texts together with the programs and the sources, each rule with what to do about it.
#   docs_test.py SOURCE_DIR SUPERD SUPERCTL     exit status 1 when a rule is broken
# What is compared is in the texts by form: items of a list, first cells of a table, words in `…`.

import re
import subprocess
import sys
from pathlib import Path

LONGEST, COLUMNS = 250, 100
INDEX = "docs/ROOMS.md"   # a line for each room, as long as the house is


def main():
  if len(sys.argv) != 4:
    sys.exit("usage: docs_test.py SOURCE_DIR SUPERD SUPERCTL")
  house = House(*map(Path, sys.argv[1:]))
  failed = 0
  for rule in RULES:
    faults = list(rule(house))
    for fault in faults:
      print(f"{rule.__name__}: {fault}")
    failed += bool(faults)
  print(f"{len(house.texts)} texts: {len(RULES) - failed} rules passed, {failed} failed")
  return 1 if failed else 0


class House:
  """The sources and the two programs. `texts` are README.md and docs/*.md; decisions are history,
  which may name what is gone."""

  def __init__(self, root, superd, superctl):
    self.root, self.superd, self.superctl = root, superd, superctl
    files = [root / "README.md"] + sorted((root / "docs").glob("*.md"))
    self.texts = {file.relative_to(root).as_posix(): file.read_text() for file in files}

  def read(self, path):
    return (self.root / path).read_text()

  def says(self, program, *arguments):
    ended = subprocess.run([program, *arguments], capture_output=True, text=True, check=True,
                           timeout=20)
    return ended.stdout


def differences(documented, real, where, what):
  for name in sorted(set(real) - set(documented)):
    yield f"{where} lacks {what} {show(name)}; add it"
  for name in sorted(set(documented) - set(real)):
    yield f"{where} has {what} {show(name)}, which does not exist; remove it"


def show(name):
  return f"'{name}'" if isinstance(name, str) else f"'{name[1]}' of {name[0] or 'the top level'}"


# ---- manual pages against the programs

KEY = re.compile(r"(?:([\w., ]+): )?([a-z0-9_]+): (.+)")


def keys_of(superctl_keys):
  """{(section, key): its default or ""} of what superctl prints, two lines for each key."""
  lines = superctl_keys.splitlines()
  keys = {}
  for head, help_text in zip(lines[0::2], lines[1::2]):
    section, name, _ = KEY.fullmatch(head).groups()
    default = re.search(r" \(default: (.*)\)$", help_text)
    keys[section or "", name] = default[1] if default else ""
  return keys


def items_of(page, heading):
  """(section, key, text) of each item under `heading`, whose subsections are named like those of
  superctl."""
  part = re.search(rf"^\.Sh {heading}$(.*?)^\.Sh ", page, re.M | re.S)[1]
  for section in re.split(r"^\.Ss ", part, flags=re.M)[1:]:
    name, _, rest = section.partition("\n")
    for item in re.split(r"^\.It ", rest, flags=re.M)[1:]:
      key = re.match(r"Ic ([a-z0-9_]+) :", item)
      yield "" if name == "The top level" else name, key[1] if key else item.split("\n")[0], item


def keys_are_in_the_manual(house):
  real = keys_of(house.says(house.superctl, "keys"))
  page = list(items_of(house.read("docs/man/superd.yaml.5"), "KEYS"))
  where = "docs/man/superd.yaml.5"
  yield from differences([(section, key) for section, key, _ in page], real, where, "key")
  for section, key, item in page:
    default = real.get((section, key), "")
    told = re.search(r"^Default: (.*)\.$", item, re.M)
    if (told[1] if told else "") != default:
      yield f"{where}: {show((section, key))} needs the line 'Default: {default}.'" if default \
          else f"{where}: {show((section, key))} has no default; remove '{told[0]}'"


def options_of(text):
  return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def options_in_page(page):
  return {"--" + name for line in re.findall(r"^\.It (Fl .*)$", page, re.M)
          for name in re.findall(r"Fl -([a-z-]+)", line)}


def options_in_help(text):
  """The first words of the option lines, not what their explanations mention."""
  return {option for line in text.splitlines() if re.match(r"  -", line)
          for option in options_of(re.split(r"[ :]", line.strip(), maxsplit=1)[0])}


def options_are_in_the_manual(house):
  for program, path in ((house.superd, "docs/man/superd.8"), (house.superctl,
                                                              "docs/man/superctl.8")):
    real = options_in_help(house.says(program, "--help"))
    yield from differences(options_in_page(house.read(path)), real, path, "option")


def commands_of(house):
  """{name: (synopsis, what it does)} as superctl tells them: in the list and by each itself."""
  listed = house.says(house.superctl, "--help").partition("Commands:\n")[2].partition("\n\n")[0]
  told = {}
  for name, what in re.findall(r"^  (\w+) +(.*)$", listed, re.M):
    text = house.says(house.superctl, name, "--help")
    head = re.match(r"superctl (\w+): (.*)\n\nUsage: superctl (.*)\n", text)
    told[name] = (head[3], what) if head[1] == name and head[2] == what else (text, what)
  return told


def plain_synopsis(macros):
  """`Cm set Ar KEY Oo Fl -x Oc Op Ar Y` as set KEY [--x] [Y]; Op reaches to the end of the line."""
  line, _, last = macros.partition(" Op ")
  text = line + (f" Oo {last} Oc" if last else "")
  text = re.sub(r"\b(?:Cm|Ar) ", "", re.sub(r"\bFl ", "-", text))
  return text.replace("Oo ", "[").replace(" Oc", "]")


def commands_are_in_the_manual(house):
  real, where = commands_of(house), "docs/man/superctl.8"
  part = re.search(r"^\.Sh COMMANDS$(.*?)^\.Sh ", house.read(where), re.M | re.S)[1]
  page = {words.split()[1]: (plain_synopsis(words), first)
          for words, first in re.findall(r"^\.It (Cm .*)\n(.*)$", part, re.M)}
  yield from differences(page, real, where, "command")
  for name in sorted(set(page) & set(real)):
    synopsis, what = real[name]
    if page[name][0] != synopsis:
      yield f"{where} has '{page[name][0]}', superctl has '{synopsis}'"
    if page[name][1] != what[0].upper() + what[1:] + ".":
      yield f"{where}: the first line of {name} must be what superctl --help says: '{what}'"


def requests_are_in_the_protocol(house):
  """Every command but those that need no daemon, and top, which asks status and ps."""
  told = re.findall(r"`(\w+)", " ".join(re.findall(r"^\| (`.*?) \|", house.read("docs/CONTROL.md"),
                                                re.M)))
  real = set(commands_of(house)) - {"check", "keys", "completion", "top"}
  yield from differences(sorted(set(told)), real, "docs/CONTROL.md", "command")


def options_in_texts_exist(house):
  real = options_in_help(house.says(house.superd, "--help"))
  for path, text in house.texts.items():
    for command in re.findall(r"(?:^|[ `/])superd ([^`\n]*)", text):
      for option in sorted(options_of(command.split(" -- ")[0]) - real):
        yield f"{path} uses superd {option}, which does not exist"


# ---- the handler contract against the sources

def first_cells(text, heading):
  """The `words` in the first cells of the table's rows, in the section with `heading`."""
  part = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", text, re.M | re.S)
  if not part:
    return []
  return [name for row in re.findall(r"^\| (.*?) \|", part[1], re.M)
          for name in re.findall(r"`(\w+)`", row)]


def steps_are_in_the_contract(house):
  table = re.search(r"child_steps\[\] = \{(.*?)\n\};", house.read("superd/os/child_steps.cpp"),
                    re.S)[1]
  real = re.findall(r'\{"(\w+)", \w+\}', table)
  told = first_cells(house.read("docs/HANDLERS.md"), "Steps")
  yield from differences(told, real, "docs/HANDLERS.md", "step")
  if sorted(told) == sorted(real) and told != real:
    yield f"docs/HANDLERS.md: the steps are in another order than in os/child_steps: {real}"


def environment_is_in_the_contract(house):
  real = re.findall(r'\badd\("([A-Z_]+)"', house.read("superd/core/peer_environment.cpp"))
  real += re.findall(r'"([A-Z_]+)="', house.read("superd/core/launch_plan.cpp"))
  told = first_cells(house.read("docs/HANDLERS.md"), "Environment")
  yield from differences(told, real, "docs/HANDLERS.md", "variable")


# ---- names in the texts against the tree

def floors_of(house):
  return sorted(folder.name for folder in (house.root / "superd").iterdir() if folder.is_dir())


def rooms_are_those_that_exist(house):
  text = house.read(INDEX)
  told = [(floor, room)
          for floor, part in re.findall(r"^## `superd/(\w+)/`.*?$(.*?)(?=^##|\Z)", text,
                                        re.M | re.S)
          for room in re.findall(r"^\| `(\w+)` \|", part, re.M)]
  real = [(floor, header.stem) for floor in floors_of(house)
          for header in (house.root / "superd" / floor).glob("*.hpp")]
  yield from differences(told, real, INDEX, "room")


def looks_like_a_path(word, tops):
  """A path has a slash and begins in the tree; FLOOR and * stand for others."""
  return "/" in word and word.split("/")[0] in tops and not re.search(r"[*…<>]|[A-Z]{4,}/|/NAME",
                                                                      word)


def paths_exist(house):
  floors = floors_of(house)
  tops = {entry.name for entry in house.root.iterdir() if not entry.name.startswith("build")}
  for path, text in house.texts.items():
    prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    for word in re.findall(r"`([^`\n]+)`", prose):
      word = word.split()[0].removeprefix("./").rstrip(":,;")
      if looks_like_a_path(word, floors):
        word = f"superd/{word}"
      if looks_like_a_path(word, tops) and not exists(house.root / word):
        yield f"{path} names `{word}`, which does not exist"


def exists(path):
  """A room may be named without its ending."""
  return path.exists() or any(path.with_name(path.name + end).exists() for end in (".hpp", ".cpp"))


def links_lead_somewhere(house):
  for path, text in house.texts.items():
    for target in re.findall(r"\]\(([^)#\s]+)", text):
      if not re.match(r"[a-z]+:", target) and not (house.root / path).parent.joinpath(
          target).exists():
        yield f"{path} links to {target}, which does not exist"


def texts_are_short(house):
  for path, text in house.texts.items():
    lines = text.splitlines()
    if len(lines) > LONGEST and path != INDEX:
      yield f"{path} has {len(lines)} lines; {LONGEST} are the most"
    for number, line in enumerate(lines, 1):
      if len(line) > COLUMNS:
        yield f"{path}:{number} has {len(line)} columns; {COLUMNS} are the most"


RULES = [keys_are_in_the_manual, options_are_in_the_manual, commands_are_in_the_manual,
         requests_are_in_the_protocol, options_in_texts_exist, steps_are_in_the_contract,
         environment_is_in_the_contract, rooms_are_those_that_exist, paths_exist, links_lead_somewhere, texts_are_short]

if __name__ == "__main__":
  sys.exit(main())
