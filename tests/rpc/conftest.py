# SPDX-License-Identifier: MIT
"""superd, superd-rpc and rpcbind together, in namespaces of the tests' own."""

import contextlib
import shutil
from pathlib import Path

import pytest

import daemon as superd_under_test
import machine
import processes
from fixtures import room  # noqa: F401

HANDLER = Path(__file__).resolve().parent / "handlers/null_program.py"
PROGRAMS = ("superd", "superd-rpc", "superd-lookup")


def pytest_configure():
    processes.adopt_orphans()


@pytest.fixture(scope="session", autouse=True)
def own_machine():
    if why := machine.enter():
        pytest.skip(why)


@pytest.fixture
def rpcbind():
    with machine.Rpcbind() as running:
        yield running


@pytest.fixture
def handler(room):  # noqa: F811
    copy = room / "null_program"
    shutil.copy(HANDLER, copy)
    copy.chmod(0o755)
    return str(copy)


@pytest.fixture
def superd(room):  # noqa: F811
    """superd({"x": {…}}): it runs with these services, and is ended and checked after the test."""
    folder = room / "bin"
    folder.mkdir()
    for name in PROGRAMS:
        shutil.copy(superd_under_test.BINARY.with_name(name), folder / name)
    with contextlib.ExitStack() as running:

        def start(services, **options):
            one = superd_under_test.launch(room, services, binary=folder / "superd", **options)
            return running.enter_context(one).wait_ready()

        yield start
