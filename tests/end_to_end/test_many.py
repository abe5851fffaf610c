# SPDX-License-Identifier: MIT
"""Many connections: at once and in sequence, and nothing of them is left in the daemon."""

import resource
import socket
import subprocess

import pytest

import daemon as superd_under_test
from clients import ask, connect, read_all
from patience import DEADLINE, wait_until
from processes import children_of, descriptors_of, ours, resident_kilobytes

SLOW = superd_under_test.has_sanitizer()


def test_a_thousand_clients_at_once_each_have_their_own_handler(superd):
    count = 200 if SLOW else 1000
    running, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    if 0 < running < count + 500:
        pytest.skip(f"needs {count + 500} processes, and RLIMIT_NPROC is {running}")
    daemon = superd({"echo": {"run": "/bin/cat"}})
    clients = [connect(daemon.port("echo")) for _ in range(count)]
    for number, client in enumerate(clients):
        client.sendall(b"I am %d\n" % number)
    for number, client in enumerate(clients):
        assert client.recv(100) == b"I am %d\n" % number
    assert len(set(children_of(daemon.pid))) == count
    for client in clients:
        client.shutdown(socket.SHUT_WR)
        assert read_all(client) == b""
        client.close()
    daemon.log.wait_for("service 'echo': ended .* exit=0", count)


def knock(program, port, count):
    """Four clients at once, each with one connection after the other."""
    command = [program("knock"), str(port), str(count // 4), "hi\n"]
    clients = [subprocess.Popen([*command, str(lane * 20)]) for lane in range(4)]
    ours.update(client.pid for client in clients)
    for client in clients:
        assert client.wait(timeout=4 * DEADLINE) == 0
        ours.discard(client.pid)


def test_20000_connections_leave_no_zombie_no_descriptor_and_no_memory(superd, program):
    daemon = superd({"hi": {"run": program("hi")}})
    first, rest = (400, 1600) if SLOW else (4000, 16000)
    knock(program, daemon.port("hi"), first)
    daemon.log.wait_for("ended", first)
    descriptors, memory = descriptors_of(daemon.pid), resident_kilobytes(daemon.pid)
    knock(program, daemon.port("hi"), rest)
    ended = daemon.log.wait_for("ended .* exit=0", first + rest)
    assert len(ended) == first + rest
    wait_until(lambda: not children_of(daemon.pid), "the end of all handlers, zombies too")
    assert descriptors_of(daemon.pid) == descriptors
    if not SLOW:  # sanitizers keep what is freed
        assert resident_kilobytes(daemon.pid) - memory < 1024


def test_a_connection_that_was_never_used_leaves_nothing(superd):
    daemon = superd({"echo": {"run": "/bin/cat"}})
    ask(daemon.port("echo"))  # opens the service's log pipe
    daemon.log.event("echo", "ended")
    before = descriptors_of(daemon.pid)
    for _ in range(100):
        connect(daemon.port("echo")).close()
    daemon.log.wait_for("ended .* exit=0", 101)
    assert ask(daemon.port("echo"), b"x") == b"x"
    wait_until(lambda: descriptors_of(daemon.pid) == before, "the end of all connections")
    wait_until(lambda: not children_of(daemon.pid), "the end of all handlers")


def test_each_connection_has_its_own_number(superd):
    daemon = superd({"number": {"run": ["/bin/sh", "-c", "echo $SUPERD_CONNECTION"]}})
    assert [ask(daemon.port("number")) for _ in range(3)] == [b"1\n", b"2\n", b"3\n"]
