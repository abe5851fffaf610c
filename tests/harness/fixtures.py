# SPDX-License-Identifier: MIT
"""Fixtures that more than one suite has: a conftest.py takes what it needs of them."""

import contextlib
import os
import shutil
import socket
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
def reserved_port():
    """reserved_port(): a port on 127.0.0.1, or "::", that nobody else gets during the test. It is
    bound here, not listened on, and superd may bind it beside."""
    with contextlib.ExitStack() as held:

        def reserve(host="127.0.0.1"):
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            holder = held.enter_context(socket.socket(family, socket.SOCK_STREAM))
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                holder.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            holder.bind((host, 0))
            return holder.getsockname()[1]

        yield reserve


@pytest.fixture
def as_root():
    if os.geteuid() != 0:
        pytest.skip("needs root")
