# SPDX-License-Identifier: MIT
"""conf/superd.yaml and services/ as they are shipped: the table is right, each service answers."""

import re
import shutil
from pathlib import Path

import pytest

from clients import ask, connect, read_all, read_line
from daemon import BUILD, Superd, run

TREE = Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(room):
    """A copy of the tree's tables and programs that anyone may reach; the kernel picks ports."""
    for part in ("conf", "services"):
        shutil.copytree(TREE / part, room / part)
    shutil.copytree(
        BUILD / "services", room / "build" / "services", ignore=shutil.ignore_patterns("CMake*")
    )
    for file in room.glob("*/**/*.yaml"):
        file.write_text(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:0", file.read_text()))
    for path in [room / "build", *room.rglob("*")]:
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    return room


@pytest.fixture
def example(tree):
    with Superd(tree, ["--config", tree / "conf" / "superd.yaml"]) as daemon:
        yield daemon.wait_ready()


def test_the_table_is_right(tree):
    ended = run("--config", tree / "conf" / "superd.yaml", "--check")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert re.fullmatch(r".*superd\.yaml: \d+ services, \d+ listeners: ok\n", ended.stdout)


def test_hello(example):
    assert ask(example.port("hello")).startswith(b"Hello, 127.0.0.1.")


def test_upper(example):
    with connect(example.port("upper")) as client:
        client.sendall(b"line by line\n")
        assert read_line(client) == b"LINE BY LINE\n"


def test_whoami(example):
    answer = ask(example.port("whoami")).decode()
    assert "peer: TCP from 127.0.0.1 port " in answer
    assert "SUPERD_SERVICE=whoami" in answer
    assert len(re.findall(r"^  \d+ -> ", answer, re.MULTILINE)) == 3


def test_http_hello(example):
    with connect(example.port("http-hello")) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        head, _, body = read_all(client).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"<h1>" in body


def test_quote(example):
    assert ask(example.port("quote")).endswith(b".\n")
