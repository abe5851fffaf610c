# SPDX-License-Identifier: MIT
"""The recipes of docs as tests use them: each block of YAML is a table of one service, known by its
name, and each script is the program whose path stands before it."""

import re
from pathlib import Path

PAGES = sorted((Path(__file__).resolve().parents[2] / "docs").glob("RECIPES*.md"))
TEXT = "\n".join(page.read_text() for page in PAGES)
LISTEN = re.compile(r"^    listen: .*$", re.M)


def blocks(language):
    """(line before, text) of each block."""
    return re.findall(rf"^([^\n]*)\n+```{language}\n(.*?)^```$", TEXT, re.M | re.S)


def name_of(text):
    head = re.match(r"services:\n  ([a-z0-9-]+):\n", text)
    assert head, f"this recipe doesn't begin with 'services:' and a name:\n{text}"
    return head[1]


RECIPES = {name_of(text): text for _, text in blocks("yaml")}
SCRIPTS = {re.fullmatch(r"`(/\S+)`:", before)[1]: text for before, text in blocks("sh")}


def moved(text, places):
    """The text with paths of the administrator's replaced by the test's own; each must be there."""
    for place, own in places.items():
        assert place in text, f"the recipe doesn't name {place}:\n{text}"
        text = re.sub(rf"{re.escape(place)}(?![\w-])", str(own), text)
    return text


def install_scripts(recipe, folder, places=None):
    """Puts the scripts that a recipe runs into a folder: the recipe, running those."""
    for path, text in SCRIPTS.items():
        if path in recipe:
            script = folder / Path(path).name
            script.write_text(moved(text, {p: o for p, o in (places or {}).items() if p in text}))
            script.chmod(0o755)
            recipe = moved(recipe, {path: script})
    return recipe


def at(recipe, address):
    """The recipe, listening somewhere else."""
    text, count = LISTEN.subn(f"    listen: {address}", recipe)
    assert count == 1, f"the recipe has {count} lines of 'listen':\n{recipe}"
    return text
