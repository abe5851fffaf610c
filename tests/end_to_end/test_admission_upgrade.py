# SPDX-License-Identifier: MIT
"""An upgrade is no way around a limit."""

import contextlib

from clients import connect, read_all
from patience import wait_until
from visits import GREETING, GREETS, STAYS, leave, visit


def refusals(daemon):
    return daemon.control.service("x")["refused"]


def test_rates_go_on(superd):
    limits = {"rate": "1/d burst 5", "rate_per_source": "1/d burst 2"}
    daemon = superd({"x": {**GREETS, "limits": limits}})
    port = daemon.port("x")
    assert [visit(port, "127.0.0.2") for _ in range(2)] == [GREETING] * 2
    assert visit(port, "127.0.0.3") == GREETING
    daemon.control.ask("upgrade")
    assert visit(port, "127.0.0.2") == b""
    assert [visit(port, "127.0.0.3") for _ in range(2)] == [GREETING, b""]
    daemon.control.ask("upgrade")
    assert visit(port, "127.0.0.4") == GREETING
    assert visit(port, "127.0.0.5") == b""
    assert refusals(daemon) == {"rate_per_source": 2, "rate": 1}


def test_a_pause_goes_on(superd):
    daemon = superd({"x": {**GREETS, "limits": {"rate": "1/d", "pause": "1h"}}})
    port = daemon.port("x")
    assert [visit(port) for _ in range(2)] == [GREETING, b""]
    daemon.log.wait_for("service 'x': closed for 1h")
    daemon.control.ask("upgrade")
    with connect(port) as waiting:
        assert refusals(daemon) == {"rate": 1}
        for key in ("limits.rate", "limits.pause"):
            daemon.control.ask("set", "x", key, "never" if "pause" in key else "unlimited")
        assert read_all(waiting) == GREETING
    assert refusals(daemon) == {"rate": 1}


def test_a_pause_ends(superd):
    daemon = superd({"x": {**GREETS, "limits": {"rate": "1/s", "pause": "2s"}}})
    port = daemon.port("x")
    wait_until(lambda: visit(port) == b"", "a refusal")
    daemon.log.wait_for("service 'x': closed for 2s")
    daemon.control.ask("upgrade")
    wait_until(lambda: visit(port) == GREETING, "the end of the pause")


def test_who_stands_in_line_still_does(superd, open_superd):
    """They were asked for their names, and the service was full when the answer came."""
    keys = {"allow": ["localhost"], "limits": {"instances": 1, "when_full": "wait"}}
    daemon = superd({"x": {**STAYS, **keys}}, binary=open_superd)
    with contextlib.ExitStack() as open_ones:
        clients = [open_ones.enter_context(connect(daemon.port("x"))) for _ in range(4)]
        assert clients[0].recv(100) == GREETING
        daemon.control.ask("upgrade")
        leave(clients[0])
        for client in clients[1:]:
            assert client.recv(100) == GREETING, refusals(daemon)
            leave(client)
    assert refusals(daemon) == {}
