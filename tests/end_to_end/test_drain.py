# SPDX-License-Identifier: MIT
"""TERM and INT: no new connections, those under way may finish, and superd leaves with status 0."""

import signal

import pytest

from clients import connect, read_all, read_line, refuses
from patience import wait_until

PATIENT = {"stop_after": "1h"}
IMPATIENT = {"stop_after": "300ms"}
ANSWERS_LATER = ["/bin/sh", "-c", 'echo on; read word; echo "answer to $word"']
HANGS = ["/bin/sh", "-c", "echo on; exec sleep 1000"]
IGNORES_TERM = ["/bin/sh", "-c", "trap '' TERM; echo on; while :; do sleep 1000; done"]


def client_of(daemon, service="x"):
    """A client whose handler is running."""
    client = connect(daemon.port(service))
    assert read_line(client) == b"on\n"
    return client


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_superd_ends_at_once(superd, how):
    daemon = superd({"x": {"run": "/bin/cat"}}, PATIENT)
    daemon.signal(how)
    assert daemon.wait_end() == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_handler_under_way_may_finish(superd, how):
    daemon = superd({"x": {"run": ANSWERS_LATER}}, PATIENT)
    with client_of(daemon) as client:
        daemon.signal(how)
        daemon.log.wait_for("superd: draining: 1 handler")
        client.sendall(b"the question\n")
        assert read_all(client) == b"answer to the question\n"
    assert daemon.wait_end() == 0
    ended = daemon.log.event("x", "ended")
    assert ended["exit"] == "0" and "stopped" not in ended
    assert daemon.log.find("info superd: stopped$")


def test_new_connections_are_refused_while_draining(superd, room):
    listen = ["127.0.0.1:0", f"unix:{room}/x.sock"]
    daemon = superd({"x": {"listen": listen, "run": ANSWERS_LATER}}, PATIENT)
    with client_of(daemon) as client:
        daemon.signal(signal.SIGTERM)
        wait_until(lambda: refuses(daemon.port("x")), "refusal at the port")
        wait_until(lambda: refuses(f"{room}/x.sock"), "refusal at the path")
        client.sendall(b"end\n")
        read_all(client)


def test_a_handler_that_hangs_is_stopped_after_stop_after(superd):
    daemon = superd({"x": {"run": HANGS}}, IMPATIENT)
    with client_of(daemon) as client:
        daemon.signal(signal.SIGTERM)
        assert daemon.wait_end() == 0
        assert read_all(client) == b""
    ended = daemon.log.event("x", "ended")
    assert ended["signal"] == "TERM" and ended["stopped"] == "shutdown"


def test_a_handler_that_ignores_the_stop_is_killed_after_stop_grace(superd):
    daemon = superd({"x": {"run": IGNORES_TERM, "stop_grace": "300ms"}}, IMPATIENT)
    with client_of(daemon):
        daemon.signal(signal.SIGTERM)
        assert daemon.wait_end() == 0
    ended = daemon.log.event("x", "ended")
    assert ended["signal"] == "KILL" and ended["stopped"] == "shutdown"


def test_a_second_signal_stops_handlers_at_once(superd):
    daemon = superd({"x": {"run": HANGS}}, PATIENT)
    with client_of(daemon):
        daemon.signal(signal.SIGTERM)
        daemon.log.wait_for("superd: draining")
        daemon.signal(signal.SIGTERM)
        assert daemon.wait_end() == 0
    assert daemon.log.event("x", "ended")["stopped"] == "shutdown"


def test_a_third_signal_asks_nobody(superd):
    daemon = superd({"x": {"run": IGNORES_TERM, "stop_grace": "1h"}}, PATIENT)
    with client_of(daemon):
        daemon.signal(signal.SIGTERM)
        daemon.log.wait_for("superd: draining")
        daemon.signal(signal.SIGTERM)
        daemon.signal(signal.SIGINT)
        assert daemon.wait_end() == 0
    assert daemon.log.event("x", "ended")["signal"] == "KILL"


def test_connections_made_before_the_signal_are_served(superd):
    daemon = superd({"x": {"run": ANSWERS_LATER}}, PATIENT)
    clients = [client_of(daemon) for _ in range(20)]
    daemon.signal(signal.SIGTERM)
    daemon.log.wait_for("superd: draining: 20 handlers")
    for client in clients:
        client.sendall(b"you\n")
        assert read_all(client) == b"answer to you\n"
        client.close()
    assert daemon.wait_end() == 0
