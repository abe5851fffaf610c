# SPDX-License-Identifier: MIT
"""A connection is its handler's stdin and stdout: every byte, both ways, and each way's end."""

import hashlib
import random
import shutil
import socket
import subprocess
import sys
import threading

import pytest

from clients import ask, connect, read_all, read_line, reset
from patience import DEADLINE


def test_bytes_come_back(superd):
    daemon = superd({"echo": {"run": "/bin/cat"}})
    assert ask(daemon.port("echo"), b"knock\n") == b"knock\n"


def test_a_conversation_goes_back_and_forth(superd):
    daemon = superd({"echo": {"run": "/bin/cat"}})
    with connect(daemon.port("echo")) as client:
        for word in (b"one\n", b"two\n", b"three\n"):
            client.sendall(word)
            assert read_line(client) == word


def test_the_client_ends_its_direction_and_still_gets_the_answer(superd):
    daemon = superd({"sort": {"run": "/usr/bin/sort"}})
    assert ask(daemon.port("sort"), b"b\na\n") == b"a\nb\n"


@pytest.mark.skipif(not shutil.which("nc"), reason="needs nc")
def test_nc_that_half_closes_gets_its_answer(superd):
    daemon = superd({"sort": {"run": "/usr/bin/sort"}})
    command = ["nc", "-N", "127.0.0.1", str(daemon.port("sort"))]
    client = subprocess.run(command, input=b"b\na\n", capture_output=True, timeout=DEADLINE)
    if b"invalid option" in client.stderr:
        pytest.skip("this nc has no -N")
    assert client.stdout == b"a\nb\n"


def test_the_handler_ends_its_direction_and_still_hears_the_client(superd, program):
    daemon = superd({"deaf": {"run": [sys.executable, program("half_close")]}})
    with connect(daemon.port("deaf")) as client:
        assert read_all(client) == b"no more from me\n"
        client.sendall(b"x" * 1000)
    daemon.log.wait_for("stderr: 1000 bytes came after")


def test_the_end_of_the_handler_is_the_end_of_the_connection(superd):
    daemon = superd({"brief": {"run": ["/bin/sh", "-c", "echo bye"]}})
    with connect(daemon.port("brief")) as client:
        assert read_all(client) == b"bye\n"


def test_50_megabytes_are_transparent_both_ways(superd):
    data = random.Random(1).randbytes(50_000_000)
    daemon = superd({"echo": {"run": "/bin/cat"}})
    with connect(daemon.port("echo")) as client:

        def send():
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        came = hashlib.sha256()
        while piece := client.recv(1 << 20):
            came.update(piece)
        sender.join()
    assert came.digest() == hashlib.sha256(data).digest()


def test_every_byte_value_survives(superd):
    every_byte = bytes(range(256))
    daemon = superd({"echo": {"run": "/bin/cat"}})
    assert ask(daemon.port("echo"), every_byte) == every_byte


def test_a_client_that_resets_before_it_is_accepted_stops_no_other_service(superd):
    daemon = superd({"hit": {"run": "/bin/cat"}, "other": {"run": "/bin/cat"}})
    for _ in range(1000):
        reset(connect(daemon.port("hit")))
    assert ask(daemon.port("other"), b"still here\n") == b"still here\n"
    assert ask(daemon.port("hit"), b"here too\n") == b"here too\n"


def test_a_client_that_resets_in_mid_stream_ends_only_its_own_handler(superd):
    daemon = superd({"endless": {"run": "/usr/bin/yes"}, "other": {"run": "/bin/cat"}})
    for _ in range(20):
        client = connect(daemon.port("endless"))
        assert client.recv(1000)
        reset(client)
    daemon.log.wait_for("service 'endless': ended", count=20)
    assert ask(daemon.port("other"), b"still here\n") == b"still here\n"
