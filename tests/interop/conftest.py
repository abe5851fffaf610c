# SPDX-License-Identifier: MIT
"""What the tests with real programs share: superd with a recipe of docs/RECIPES.md, and commands."""

import contextlib
import os
import subprocess

import pytest

import packages
import processes
import recipes
from daemon import Superd
from fixtures import as_root, reserved_port, room  # noqa: F401
from machine import Machine
from patience import DEADLINE

DAEMON = "daemon: { control: none, stop_after: 200ms }\n"


def pytest_configure(config):
    processes.adopt_orphans()
    if os.geteuid() == 0 and not hasattr(config, "workerinput"):  # once, for all workers
        packages.provide()


@pytest.fixture(autouse=True)
def rooted(as_root):
    """The recipes' programs run as users of their own."""


@pytest.fixture
def machine(room):
    return Machine(room).lay_over("/usr/local/sbin", packages.FOLDER)


@pytest.fixture
def serve(room, machine):
    """serve("git", {"/srv/git": repositories}): superd with the recipe of that name, where paths of
    the administrator's, and times that are too long, are the test's. It is ended and checked after
    the test."""
    with contextlib.ExitStack() as running:

        def start(name, places=None, address="127.0.0.1:0"):
            places = places or {}
            recipe = recipes.install_scripts(recipes.RECIPES[name], room, places)
            mine = {place: own for place, own in places.items() if place in recipe}
            file = room / f"{name}.yaml"
            file.write_text(DAEMON + recipes.at(recipes.moved(recipe, mine), address))
            arguments = ["--config", file]
            daemon = Superd(room, arguments, name=name, prefix=machine.prefix())
            return running.enter_context(daemon).wait_ready()

        yield start


@pytest.fixture
def run(room):
    """run("git", "clone", …): a command in the room that must go well: what it prints; or that
    `fails`: what it says on standard error, too."""

    def start(*command, fails=False, stdin="", cwd=room, **environment):
        ended = subprocess.run(
            [*map(str, command)],
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=2 * DEADLINE,
            cwd=cwd,
            env={"PATH": os.environ["PATH"], "HOME": str(room), "LC_ALL": "C.UTF-8", **environment},
        )
        assert (ended.returncode != 0) == fails, ended
        return ended.stdout + (ended.stderr if fails else "")

    return start
