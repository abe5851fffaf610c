# SPDX-License-Identifier: MIT
"""The recipes of docs hold together: each passes superctl's check, and a test here serves it."""

import re
from pathlib import Path

import pytest

import recipes
from daemon import BUILD

SUPERCTL = BUILD.resolve() / "bin" / "superctl"
HERE = Path(__file__).parent


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_each_passes_the_check(room, machine, run, name):
    file = room / "recipe.yaml"
    file.write_text(recipes.install_scripts(recipes.RECIPES[name], room))
    said = run(*machine.prefix(), SUPERCTL, "check", file)
    assert re.search(": 1 service, [12] listeners?: ok$", said, re.M), said


def test_the_check_refuses_what_is_not_there(room, run):
    file = room / "recipe.yaml"
    file.write_text(recipes.RECIPES["ssh"].replace("sshd", "no-such-sshd"))
    assert "no-such-sshd" in run(SUPERCTL, "check", file, fails=True)


def test_each_is_served_by_a_test():
    tests = "".join(file.read_text() for file in HERE.glob("test_*.py"))
    served = re.findall(r'serve\(\s*"([a-z0-9-]+)"', tests)
    assert sorted(set(served)) == sorted(recipes.RECIPES)


def test_each_block_is_one_recipe_or_one_script():
    text = recipes.TEXT
    assert len(recipes.RECIPES) == text.count("```yaml\n")
    assert len(recipes.SCRIPTS) == text.count("```sh\n")
    assert len(recipes.RECIPES) + len(recipes.SCRIPTS) == text.count("\n```\n")
