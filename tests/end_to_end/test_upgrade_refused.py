# SPDX-License-Identifier: MIT
"""Programs that can't take over, and tables they couldn't read: the superd that runs serves on, with
every connection, and says why."""

import os
import signal
import socket

import pytest

import daemon as superd_under_test
from clients import ask, connect, read_line

ECHO = {"run": "/bin/cat"}


@pytest.fixture
def daemon(superd):
    return superd({"x": ECHO})


def refuse(daemon, program):
    """Asks for it with a connection open, and gives what superd says."""
    with connect(daemon.port("x")) as client:
        client.sendall(b"before")
        assert client.recv(100) == b"before"
        reply = daemon.control.refused("upgrade", program)
        client.sendall(b"after")
        assert client.recv(100) == b"after"
    assert reply["status"] == 1
    assert ask(daemon.port("x"), b"x") == b"x"
    assert not daemon.log.find("superd: upgraded")
    daemon.log.wait_for("error superd: upgrade refused: ")
    return reply["error"]


def script(room, text):
    file = room / "script"
    file.write_text("#!/bin/sh\n" + text)
    file.chmod(0o755)
    return file


def test_bin_false(daemon):
    assert "/bin/false: it ended with 1" in refuse(daemon, "/bin/false")


def test_bin_true(daemon):
    assert "/bin/true: it is no superd that can take over" in refuse(daemon, "/bin/true")


def test_a_missing_file(daemon, room):
    assert f"{room}/none: No such file or directory" in refuse(daemon, room / "none")


def test_a_directory(daemon, room):
    assert f"{room}: Permission denied" in refuse(daemon, room)


def test_a_file_that_is_no_program(daemon, room):
    text = room / "text"
    text.write_bytes(b"\0\1\2\3")
    text.chmod(0o755)
    assert "Exec format error" in refuse(daemon, text)


def test_a_program_that_says_why(daemon, room):
    said = refuse(daemon, script(room, "echo 'superd: the state has format 7' >&2; exit 1"))
    assert "it ended with 1: superd: the state has format 7" in said


def test_a_program_that_is_killed(daemon, room):
    assert "signal SEGV" in refuse(daemon, script(room, "kill -SEGV $$"))


def test_a_program_that_says_much_and_long(daemon, room):
    refuse(daemon, script(room, "head -c 60000 /dev/zero | tr '\\0' x >&2; exit 1"))


def test_a_program_that_only_boasts(daemon, room):
    boasts = script(room, "echo 'superd can take over: 9.9'; exit 0")
    assert "no superd that can take over" in refuse(daemon, boasts)


def test_a_program_that_leaves_a_child_with_its_stderr(daemon, room):
    refuse(daemon, script(room, "sleep 0.5 & exit 1"))


def test_superd_with_a_table_that_only_it_refuses(daemon, room):
    """As a new version would that knows a key no more."""
    broken = room / "broken.yaml"
    broken.write_text("services: {x: {lisen: 7001}}")
    wrapper = f'exec "{superd_under_test.BINARY}" --config "{broken}" "$@" --config "{broken}"\n'
    said = refuse(daemon, script(room, wrapper))
    assert "it ended with 2" in said and "'lisen'" in said


def test_a_broken_table(daemon):
    daemon.table_file.write_text("services: {x: {lisen: 7001}}")
    assert "the table is wrong" in refuse(daemon, superd_under_test.BINARY)
    daemon.log.wait_for("error superd: .*'lisen'")
    daemon.signal(signal.SIGUSR2)
    daemon.log.wait_for("error superd: upgrade refused: the table is wrong", 2)


def test_a_table_with_a_port_that_is_taken(daemon):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        taken = holder.getsockname()[1]
        daemon.write({"x": ECHO, "y": {**ECHO, "listen": f"127.0.0.1:{taken}"}})
        refuse(daemon, superd_under_test.BINARY)
        daemon.log.wait_for(f"error superd: .*port {taken} is in use")


def test_while_superd_drains(superd):
    daemon = superd({"x": ECHO}, {"stop_after": "1h"})
    with connect(daemon.port("x")) as client:
        client.sendall(b"on\n")
        assert read_line(client) == b"on\n"
        daemon.signal(signal.SIGTERM)
        daemon.log.wait_for("superd: draining")
        assert "about to end" in daemon.control.refused("upgrade")["error"]
    assert daemon.wait_end() == 0


def test_a_refusal_costs_nothing(daemon):
    daemon.control.refused("upgrade", "/bin/false")
    before = daemon.control.daemon()
    for _ in range(10):
        daemon.control.refused("upgrade", "/bin/false")
    after = daemon.control.daemon()
    assert after["descriptors"] == before["descriptors"]
    assert after["running"] == before["running"] == 0
    assert daemon.control.ask("upgrade")["ok"]


@pytest.mark.parametrize("state", ["", "x", "1", "99999999999", "70"])
def test_a_state_that_is_none_is_told_at_start(room, state):
    file = room / "x.yaml"
    file.write_text(superd_under_test.table({"x": ECHO}))
    environment = {**os.environ, "SUPERD_STATE": state}
    ended = superd_under_test.run("--config", file, env=environment)
    assert ended.returncode == 1
    assert ended.stderr.startswith("superd: ")


def test_the_proof_wants_a_state(room):
    file = room / "x.yaml"
    file.write_text(superd_under_test.table({"x": ECHO}))
    ended = superd_under_test.run("--config", file, "--check-upgrade")
    assert ended.returncode == 1
    assert "state" in ended.stderr and "can take over" not in ended.stderr
