# SPDX-License-Identifier: MIT
"""superctl top in a real terminal, which tmux is: what the screen shows, what keys do, and how the
terminal is left."""

import contextlib
import os
import signal

import pytest

from fake_control import FakeControl, connection, service
from patience import wait_until
from superctl import BINARY, Screen

KEYS = "Tab pane  s sort"


@pytest.fixture
def control(room):
    with FakeControl(room / "control.sock") as running:
        yield running


@pytest.fixture
def top(room, control):
    """top(): it runs, and shows its first page."""
    with contextlib.ExitStack() as screens:

        def start(**options):
            command = [BINARY, "--socket", control.path, "top"]
            screen = screens.enter_context(Screen(room, command, **options))
            return screen.wait_for("superd 0.1.0", KEYS)

        yield start


def row_of(screen, word):
    return next((line for line in screen.lines() if word in line), None)


def test_services_at_80_by_24(top):
    screen = top()
    lines = screen.lines()
    assert lines[0].startswith("superd 0.1.0, pid 811, serving, up 1d, generation 3")
    assert "12 of 10000 handlers" in lines[1]
    assert lines[3].startswith("[Services] 2   Connections  2   by service")
    assert lines[4].split()[0] == "SERVICE" and lines[4].split()[-1] == "ADDRESS"
    assert lines[5].split()[:3] == ["hello", "listening", "2"]
    assert lines[6].split()[:3] == ["quiet", "listening", "0"]
    assert lines[23].startswith(KEYS)
    assert all(len(line) <= 80 for line in lines)


def test_rates_are_differences(top, control):
    screen = top()
    control.services["hello"]["started"] += 50
    control.services["hello"]["refused"]["rate"] += 5

    def rates():
        started, refused = map(float, row_of(screen, "hello").split()[3:5])
        return started > 0 and refused > 0 and started / refused

    assert wait_until(rates, screen.text) == pytest.approx(10, rel=0.2)
    wait_until(lambda: row_of(screen, "hello").split()[3] == "0", screen.text)


def test_a_new_size_is_used(top):
    screen = top()
    screen.resize(120, 40)
    wait_until(lambda: "".join(screen.lines()[39:]).startswith(KEYS), screen.text)
    screen.resize(40, 10)

    def fits():
        lines = screen.lines()
        return len(lines) == 10 and "superd 0.1.0" in lines[0] and lines[9].startswith("Tab pane")

    wait_until(fits, screen.text)


def test_p_pauses_the_selected_service_and_resumes_it(top, control):
    screen = top()
    screen.press("Down", "p").wait_for("pause quiet: done")
    wait_until(lambda: "paused" in row_of(screen, "quiet  "), screen.text)
    screen.press("p").wait_for("resume quiet: done")
    assert control.words("pause") == [["pause", "quiet"]]
    assert control.words("resume") == [["resume", "quiet"]]


def test_x_asks_and_stops_a_connection(top, control):
    screen = top()
    screen.press("x").wait_for("Tab shows them")
    screen.press("Tab").wait_for("[Connections] 2", "PID", "127.0.0.1:50001")
    screen.press("x").wait_for("stop pid 902 of 'hello', peer 127.0.0.1:50002? y/n")
    screen.press("n").wait_for("not stopped")
    assert control.words("stop") == []
    screen.press("x", "y").wait_for("stop 902: done").wait_without("127.0.0.1:50002")
    assert control.words("stop") == [["stop", "902"]]


def test_s_changes_the_order(top, control):
    control.services["quiet"]["running"] = 9
    screen = top()
    screen.press("s").wait_for("by running")
    wait_until(lambda: screen.lines()[5].startswith("quiet"), screen.text)
    screen.press("Tab").wait_for("by age").press("s").wait_for("by cpu")


def test_help_comes_and_goes(top):
    screen = top()
    screen.press("?").wait_for("select the next row", "any key goes back")
    screen.press("Space").wait_without("any key goes back").wait_for("SERVICE")


def test_the_selection_scrolls(top, control):
    control.services = {name: service(name) for name in (f"s{i:03}" for i in range(100))}
    screen = top()
    assert row_of(screen, "s050") is None
    screen.press(*["j"] * 50).wait_for("s050")
    screen.press("End").wait_for("s099")
    screen.press("Home").wait_for("s000")


def test_refusals_of_superd_are_told(top, control):
    control.answers["pause"] = {"ok": False, "status": 3, "error": "you may only read"}
    top().press("p").wait_for("you may only read")


def test_a_superd_that_went_away_is_waited_for(top, control, room):
    screen = top()
    control.stop()
    screen.wait_for("trying again: no superd is there", "hello")
    with FakeControl(control.path) as again:
        again.connections.append(connection(3))
        screen.wait_without("trying again").wait_for("Connections  3")


def test_q_leaves_the_terminal_clean(top):
    screen = top()
    screen.press("q").wait_for("ended: 0")
    assert wait_until(lambda: row_of(screen, "echo"), screen.text) == "echo"
    assert "SERVICE" not in screen.text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=str)
def test_signals_leave_the_terminal_clean(top, number):
    screen = top()
    os.kill(screen.pid_of("superctl"), number)
    screen.wait_for(f"ended: {128 + number}")
    assert wait_until(lambda: row_of(screen, "echo"), screen.text) == "echo"
    assert "SERVICE" not in screen.text()


def test_without_a_superd_it_does_not_begin(room):
    with Screen(room, [BINARY, "--socket", room / "none.sock", "top"]) as screen:
        screen.wait_for("no superd is there", "ended: 4")
