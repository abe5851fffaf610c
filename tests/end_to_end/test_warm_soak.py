# SPDX-License-Identifier: MIT
"""Many hand-overs while warm handlers are killed and clients leave at random: nobody is lost who
wasn't killed, and nothing is left."""

import concurrent.futures
import contextlib
import os
import random
import signal
import threading
import time

import pytest

import daemon as superd_under_test
from clients import ask, connect, reset
from patience import wait_until
from processes import children_of, descriptors_of

if not superd_under_test.BINARY.with_name("superd-warm").exists():
    pytest.skip("there is no superd-warm for this processor", allow_module_level=True)

FEW = superd_under_test.has_sanitizer()
VISITS = int(os.environ.get("SUPERD_WARM_VISITS", "300" if FEW else "800"))
ECHO = {"run": "/bin/cat", "warm": {"ready": 4, "idle": "1s"}}


class Killer(threading.Thread):
    """Kills a child of superd now and then."""

    def __init__(self, daemon):
        super().__init__()
        self.daemon_pid, self.over, self.kills = daemon.pid, threading.Event(), 0

    def run(self):
        dice = random.Random(7)
        while not self.over.wait(0.01):
            if children := children_of(self.daemon_pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(dice.choice(children), signal.SIGKILL)
                    self.kills += 1


def visit(port, number):
    """Whether the answer was right; a client that leaves early has none."""
    data = b"%d " % number * (number % 700)
    time.sleep(0.02)  # under more load than this all are served cold
    if number % 17 == 0:
        client = connect(port)
        client.sendall(b"x")
        reset(client)
        return True
    try:
        return ask(port, data) == data
    except (ConnectionResetError, BrokenPipeError):
        return False


def settle(daemon):
    wait_until(lambda: not children_of(daemon.pid), "an end of all handlers")


def test_nobody_is_lost_and_nothing_is_left(superd):
    daemon = superd({"x": ECHO})
    port = daemon.port("x")
    assert ask(port, b"x") == b"x"
    settle(daemon)
    before = descriptors_of(daemon.pid)
    with concurrent.futures.ThreadPoolExecutor(4) as clients:
        answers = list(clients.map(lambda number: visit(port, number), range(VISITS)))
    assert all(answers)
    assert daemon.control.service("x")["warm"]["given"] > VISITS / 20
    settle(daemon)
    assert descriptors_of(daemon.pid) <= before


def test_only_those_who_are_killed_are_lost(superd):
    daemon = superd({"x": ECHO})
    port = daemon.port("x")
    assert ask(port, b"x") == b"x"
    killer = Killer(daemon)
    killer.start()
    try:
        with concurrent.futures.ThreadPoolExecutor(4) as clients:
            answers = list(clients.map(lambda number: visit(port, number), range(VISITS // 2)))
    finally:
        killer.over.set()
        killer.join()
    lost = answers.count(False)
    assert lost <= killer.kills
    assert ask(port, b"still here") == b"still here"
    settle(daemon)
