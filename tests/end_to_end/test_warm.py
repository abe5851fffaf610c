# SPDX-License-Identifier: MIT
"""`warm`: handlers that are started ahead of their connections, as clients and administrators see
them. What superd-warm itself can do is in tests/warm."""

import concurrent.futures
import contextlib
import os
import signal
import time

import pytest

import daemon as superd_under_test
from clients import ask, connect, read_all, read_line, reset
from patience import wait_until
from processes import is_alive, wait_gone

if not superd_under_test.BINARY.with_name("superd-warm").exists():
    pytest.skip("there is no superd-warm for this processor", allow_module_level=True)

CAT = ["/bin/cat"]
SAYS_PID = ["/bin/sh", "-c", 'read word; echo "$$ $word"']
GREETS = ["/bin/sh", "-c", 'echo "220 hello"; read word; echo "got $word"']


def warm_of(daemon, name="x"):
    return daemon.control.service(name)["warm"]


def wait_ready(daemon, count, name="x"):
    wait_until(lambda: warm_of(daemon, name)["ready"] == count, f"{count} ready ones")


def warm_pids(daemon):
    """Children of superd that no connection has."""
    busy = {one["pid"] for one in daemon.control.connections()}
    with open(f"/proc/{daemon.pid}/task/{daemon.pid}/children") as children:
        return {int(pid) for pid in children.read().split()} - busy


def warmed(superd, run=CAT, count=2, **keys):
    """A superd with `count` handlers that wait, after one connection that was served cold."""
    daemon = superd({"x": {"run": run, "warm": {"ready": count}, **keys}})
    assert warm_of(daemon) == {"wanted": count, "ready": 0, "given": 0, "why_not": None}
    assert warm_pids(daemon) == set()
    ask(daemon.port("x"), b"first\n")
    wait_ready(daemon, count)
    return daemon


def test_a_connection_gets_a_handler_that_waits(superd):
    daemon = warmed(superd, SAYS_PID)
    waiting = warm_pids(daemon)
    assert len(waiting) == 2
    pid, word = ask(daemon.port("x"), b"hello\n").split()
    assert (int(pid) in waiting, word) == (True, b"hello")
    wait_until(lambda: warm_of(daemon)["ready"] == 2, "a new one")
    assert warm_of(daemon)["given"] == 1
    assert daemon.control.service("x")["running"] == 0
    daemon.log.wait_for("service 'x': ended .* exit=0", count=2)


def test_what_it_says_first_comes_first(superd):
    daemon = warmed(superd, GREETS)
    for _ in range(5):
        assert ask(daemon.port("x"), b"me\n") == b"220 hello\ngot me\n"
        wait_ready(daemon, 2)
    assert warm_of(daemon)["given"] == 5


def test_a_greeting_larger_than_a_socket_takes_comes_whole(superd):
    daemon = warmed(superd, ["/bin/sh", "-c", "head -c 150000 /dev/zero; read word; echo $word"])
    for _ in range(3):
        assert ask(daemon.port("x"), b"me\n") == bytes(150_000) + b"me\n"
        wait_ready(daemon, 2)


def test_one_that_can_not_be_kept_warm_runs_cold_and_that_is_said_once(superd):
    daemon = superd({"x": {"run": ["/bin/echo", "hi"], "warm": 3}})
    for _ in range(3):
        assert ask(daemon.port("x")) == b"hi\n"
    why = "it ended before it read anything"
    wait_until(lambda: warm_of(daemon)["why_not"] == why, "the reason")
    assert ask(daemon.port("x")) == b"hi\n"
    daemon.log.wait_for(f"service 'x' is started for each connection, and not kept warm: {why}")
    wait_until(lambda: warm_pids(daemon) == set(), "nothing kept")


def test_after_idle_nothing_is_left(superd):
    daemon = superd({"x": {"run": CAT, "warm": {"ready": 3, "idle": "1s"}}})
    assert ask(daemon.port("x"), b"x") == b"x"
    wait_until(lambda: len(warm_pids(daemon)) == 3, "three")
    wait_until(lambda: warm_pids(daemon) == set(), "none")
    assert ask(daemon.port("x"), b"x") == b"x"


def test_always_keeps_them_from_the_start_on(superd):
    daemon = superd({"x": {"run": CAT, "warm": {"ready": 2, "always": True, "idle": "1ms"}}})
    wait_ready(daemon, 2)
    assert ask(daemon.port("x"), b"x") == b"x"
    assert warm_of(daemon)["given"] == 1


def test_timeout_counts_from_the_connection(superd):
    daemon = warmed(superd, CAT, timeout="1500ms")
    time.sleep(1.6)
    with connect(daemon.port("x")) as client:
        client.sendall(b"hello")
        assert client.recv(5) == b"hello"
        assert read_all(client) == b""
    daemon.log.wait_for("service 'x': ended .*timeout")


def test_a_reload_keeps_those_of_a_service_that_stays_as_it_is(superd):
    daemon = warmed(superd)
    before = warm_pids(daemon)
    same = {"run": CAT, "warm": {"ready": 2}}
    daemon.reload({"x": same, "other": {"run": CAT}})
    assert warm_pids(daemon) == before
    daemon.reload({"x": {**same, "umask": "077"}})
    for pid in before:
        wait_gone(pid)
    assert ask(daemon.port("x"), b"x") == b"x"
    wait_ready(daemon, 2)
    daemon.reload({"y": {"run": CAT}})
    wait_until(lambda: warm_pids(daemon) == set(), "none")


def test_an_upgrade_lets_them_go_and_loses_nobody(superd):
    daemon = warmed(superd)
    before = warm_pids(daemon)
    with connect(daemon.port("x")) as client:
        client.sendall(b"before")
        assert client.recv(6) == b"before"
        daemon.control.ask("upgrade")
        client.sendall(b"after")
        assert client.recv(5) == b"after"
    for pid in before:
        wait_until(lambda pid=pid: not is_alive(pid), "its end")
    assert ask(daemon.port("x"), b"x") == b"x"
    wait_ready(daemon, 2)


def test_those_that_die_waiting_are_replaced_and_nobody_is_lost(superd):
    daemon = warmed(superd, count=3)
    for _ in range(3):
        for pid in warm_pids(daemon):
            with contextlib.suppress(ProcessLookupError):  # it has served the one before
                os.kill(pid, signal.SIGKILL)
            assert ask(daemon.port("x"), b"hello") == b"hello"
    wait_ready(daemon, 3)
    assert ask(daemon.port("x"), b"hello") == b"hello"


def test_a_client_that_is_reset_early_costs_nothing(superd):
    daemon = warmed(superd, GREETS)
    for _ in range(20):
        client = connect(daemon.port("x"))
        reset(client)
    assert ask(daemon.port("x"), b"me\n") == b"220 hello\ngot me\n"
    wait_until(lambda: daemon.control.service("x")["running"] == 0, "an end of all")
    wait_ready(daemon, 2)


def test_a_crowd_gets_the_same_answers_warm_or_cold(superd):
    data = bytes(range(256)) * 40
    daemon = warmed(superd, count=4)
    with concurrent.futures.ThreadPoolExecutor(32) as clients:
        answers = list(clients.map(lambda _: ask(daemon.port("x"), data), range(400)))
    assert answers == [data] * 400
    wait_ready(daemon, 4)
    assert warm_of(daemon)["given"] > 0


def test_their_standard_error_is_the_log(superd):
    daemon = warmed(superd, ["/bin/sh", "-c", "read word; echo heard $word >&2"])
    ask(daemon.port("x"), b"this\n")
    daemon.log.wait_for("heard this")


def test_they_are_counted_by_limits_once_they_have_a_connection(superd):
    daemon = warmed(superd, limits={"instances": 1})
    with connect(daemon.port("x")) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        with connect(daemon.port("x")) as other:
            assert read_all(other) == b""


def test_they_run_as_the_service_says(superd):
    daemon = warmed(superd, ["/bin/sh", "-c", "read word; umask; pwd; echo $SUPERD_SERVICE"],
                    umask="077", directory="/usr")
    with connect(daemon.port("x")) as client:
        client.sendall(b"go\n")
        assert [read_line(client) for _ in range(3)] == [b"0077\n", b"/usr\n", b"x\n"]


def test_they_end_with_a_superd_that_is_killed(superd):
    daemon = warmed(superd)
    waiting = warm_pids(daemon)
    daemon.kill()
    for pid in waiting:
        wait_gone(pid)
