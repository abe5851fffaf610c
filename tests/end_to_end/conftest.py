# SPDX-License-Identifier: MIT
"""What all tests here share: a room that any user can enter, programs for handlers, and superd."""

import contextlib
import resource
import shutil
import subprocess
from pathlib import Path

import pytest

import daemon
import processes
from crowd import Crowd
from fixtures import as_root, open_directory, reserved_port, room  # noqa: F401
from patience import DEADLINE

HANDLERS = Path(__file__).resolve().parent / "handlers"


def pytest_configure():
    processes.adopt_orphans()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # For a thousand clients at once.
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))


@pytest.fixture(scope="session")
def program():
    """program("hi"): the path of a program of handlers/, ready to run by anyone."""
    with open_directory() as directory:

        def ready(name):
            built = directory / name
            source = HANDLERS / f"{name}.c"
            if not built.exists() and source.exists():
                compile_it = ["cc", "-O1", "-static", "-o", str(built), str(source)]
                subprocess.run(compile_it, check=True, timeout=DEADLINE)
            elif not built.exists():
                shutil.copy(HANDLERS / f"{name}.py", built)
                built.chmod(0o755)
            return str(built)

        yield ready


@pytest.fixture(scope="session")
def reachable_superd():
    """A copy of superd that any user can run, wherever the build tree is."""
    with open_directory() as directory:
        shutil.copy(daemon.BINARY, directory / "superd")
        yield directory / "superd"


@pytest.fixture
def open_superd(room):
    """superd and its own programs where any user can run them."""
    folder = room / "bin"
    folder.mkdir()
    own = ("lookup", "relay", "resend", "rpc", "warm")
    for name in ("superd", *(f"superd-{one}" for one in own)):
        shutil.copy(daemon.BINARY.with_name(name), folder / name)
    return folder / "superd"


@pytest.fixture
def superd(room):
    """superd({"echo": {"run": "cat"}}): it runs with these services, and is ended and checked after
    the test."""
    with contextlib.ExitStack() as running:

        def start(services, settings=None, defaults=None, arguments=(), name="superd", **options):
            file = room / f"{name}.yaml"
            file.write_text(daemon.table(services, settings, defaults), encoding="utf-8")
            all_arguments = ["--config", file, *arguments]
            instance = daemon.Superd(room, all_arguments, name=name, **options)
            return running.enter_context(instance).wait_ready()

        yield start


@pytest.fixture
def crowd(program):
    """crowd(target, b"hi\\n"): clients that connect all the time, until the test's end at the
    latest."""
    with contextlib.ExitStack() as running:

        def gather(target, *answers, **options):
            return running.enter_context(Crowd(program("crowd"), target, answers, **options))

        yield gather


@pytest.fixture
def another_user(as_root):
    """Becomes the user `games` by exec, for tests that run as root: a prefix of a command."""
    return ["setpriv", "--reuid=games", "--regid=games", "--clear-groups"]
