# SPDX-License-Identifier: MIT
"""superctl and a real superd together: each says what the other means."""

import json
import os
import pwd
import urllib.request

import pytest

from clients import ask, connect
from daemon import BUILD
from patience import wait_until
from superctl import BINARY, Screen, answer, superctl

ECHO = {"run": "/bin/cat"}
METRICS = BUILD.resolve().parent / "services" / "metrics" / "metrics"


@pytest.fixture
def serving(superd):
    """A superd with two services, and superctl(...) that asks it."""
    daemon = superd({"echo": ECHO, "idle": {**ECHO, "timeout": "1h"}})

    def asked(*words, **options):
        return superctl(*words, socket=daemon.control.path, **options)

    return daemon, asked


def said(ended):
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def test_status_and_ps_show_who_is_served(serving):
    daemon, asked = serving
    with connect(daemon.port("echo")) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        row = next(line.split() for line in said(asked("status")).splitlines() if "echo " in line)
        assert row[:5] == ["echo", f"127.0.0.1:{daemon.port('echo')}", "listening", "1", "1"]
        (connection,) = json.loads(said(asked("--json", "ps")))["connections"]
        port = client.getsockname()[1]
        assert (connection["service"], connection["peer"]) == ("echo", f"127.0.0.1:{port}")
        assert f"127.0.0.1:{port}" in said(asked("ps"))


def test_a_service_is_paused_resumed_and_stopped(serving):
    daemon, asked = serving
    said(asked("pause", "echo"))
    with connect(daemon.port("echo")) as client:
        client.sendall(b"x")
        assert "paused" in said(asked("status", "echo"))
        said(asked("resume", "echo"))
        assert client.recv(1) == b"x"
        assert said(asked("stop", "echo")) == "1 handler asked to end\n"
        assert client.recv(1) == b""


def test_an_override_is_shown_and_ended(serving):
    daemon, asked = serving
    said(asked("set", "idle", "timeout", "7s", "--for", "1h"))
    assert "timeout: 7s  # set at run time" in said(asked("show", "idle"))
    said(asked("unset", "idle"))
    assert f"timeout: 1h  # {daemon.table_file}:" in said(asked("show", "idle"))
    wrong = asked("set", "idle", "timeout", "seven")
    assert wrong.returncode == 2 and "give a number and a unit" in wrong.stderr


def test_diff_says_what_reload_does(serving):
    daemon, asked = serving
    old = daemon.port("echo")
    daemon.write({"echo": {**ECHO, "listen": "127.0.0.1:0", "stop_grace": "1s"}})
    expected = said(asked("diff"))
    assert "changed  echo: stop_grace" in expected and "removed  idle" in expected
    assert expected.rstrip() in said(asked("reload"))
    assert ask(old, b"still there") == b"still there"
    daemon.table_file.write_text("services: {echo: {listen: 1, rum: cat}}\n")
    wrong = asked("reload")
    assert wrong.returncode == 2
    assert "unknown key 'rum'; did you mean 'run'?" in wrong.stderr
    assert wrong.stderr.startswith(superctl("check", daemon.table_file).stderr)


def test_events_are_followed_to_the_end_of_superd(serving, room):
    daemon, asked = serving
    ask(daemon.port("echo"), b"x")
    wait_until(lambda: "'echo': ended" in said(asked("events", "--service", "echo")), "an end")
    with Screen(room, [BINARY, "--socket", daemon.control.path, "events", "--follow"]) as screen:
        screen.wait_for("started")
        said(asked("pause", "idle"))
        screen.wait_for("paused")
        said(asked("drain"))
        screen.wait_for("ended: 1")
    assert daemon.wait_end() == 0


def test_the_same_superd_goes_on_after_an_upgrade(serving):
    daemon, asked = serving
    with connect(daemon.port("echo")) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        assert "has become" in said(asked("upgrade"))
        assert answer("status", socket=daemon.control.path)["daemon"]["pid"] == daemon.pid
        client.sendall(b"y")
        assert client.recv(1) == b"y"
    refused = asked("upgrade", "/bin/false")
    assert refused.returncode == 1 and "/bin/false: it ended with 1" in refused.stderr


def test_top_shows_connections_as_they_come_and_stops_one(serving, room):
    daemon, _ = serving
    with Screen(room, [BINARY, "--socket", daemon.control.path, "top"]) as screen:
        screen.wait_for("superd ", "echo", "idle", "listening")
        with connect(daemon.port("echo")) as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"
            screen.wait_for("Connections  1")
            screen.press("Tab")
            screen.wait_for(f"127.0.0.1:{client.getsockname()[1]}")
            screen.press("x")
            screen.press("y")
            assert client.recv(1) == b""
        screen.wait_for("[Connections] 0")
        screen.press("q")
        screen.wait_for("ended: 0")


def test_metrics_are_scraped_over_http_with_nothing_resident(superd):
    daemon = superd({"echo": ECHO})
    keys = {"SUPERCTL": str(BINARY), "SUPERD_SOCKET": str(daemon.control.path)}
    daemon.reload(
        {
            "echo": ECHO,
            "metrics": {"run": str(METRICS), "environment": keys, "user": pwd.getpwuid(os.geteuid()).pw_name},
        }
    )
    ask(daemon.port("echo"), b"x")
    url = f"http://127.0.0.1:{daemon.port('metrics')}/metrics"

    with urllib.request.urlopen(url, timeout=20) as page:
        kind, text = page.headers["Content-Type"], page.read().decode()
    assert kind.startswith("application/openmetrics-text; version=1.0.0")
    assert 'superd_starts_total{service="echo"} 1' in text and text.endswith("# EOF\n")
