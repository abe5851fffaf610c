# SPDX-License-Identifier: MIT
"""Fixtures that more than one suite has: a conftest.py takes what it needs of them."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest


@contextlib.contextmanager
def open_directory():
    """Where the tests run as root, handlers are nobody: unlike pytest's own, this one is open."""
    path = Path(tempfile.mkdtemp(prefix="superd-test-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)


@pytest.fixture
def room():
    with open_directory() as path:
        yield path


@pytest.fixture
def as_root():
    if os.geteuid() != 0:
        pytest.skip("needs root")
