# SPDX-License-Identifier: MIT
"""Programs of activate that say when they are ready, by sd_notify(3)."""

import os
import shutil
import socket
import sys

import pytest

import daemon as superd_under_test
from clients import connect, read_all, read_line
from patience import DEADLINE, wait_until
from processes import is_alive
from superctl import superctl



def notifier(program, how, **keys):
    return {"listen": "127.0.0.1:0", "activate": [program("notifier"), how], "ready": "notify", **keys}


def shown(daemon):
    (one,) = daemon.control.connections()
    return one["state"], one["status"]


def becomes(daemon, state, status):
    wait_until(lambda: shown(daemon) == (state, status), lambda: f"{state}, {status}: {shown(daemon)}")


def say(client, text):
    client.sendall(text)
    assert client.recv(100) == text


def test_a_program_says_how_it_is(superd, program):
    daemon = superd({"x": notifier(program, "ready")})
    with connect(daemon.port("x")) as client:
        read_line(client)
        becomes(daemon, "ready", "serves \x1b[1mall")
        assert "serves \\x1b[1mall" in superctl("ps", socket=daemon.control.path).stdout
        say(client, b"STATUS=busy")
        becomes(daemon, "ready", "busy")
        say(client, b"STOPPING=1\nSTATUS=leaves")
        becomes(daemon, "stopping", "leaves")


def test_the_tool_of_scripts_is_understood(superd, program):
    if not shutil.which("systemd-notify"):
        pytest.skip("no systemd-notify here")
    daemon = superd({"x": notifier(program, "tool")})
    with connect(daemon.port("x")) as client:
        read_line(client)
        becomes(daemon, "ready", "by the tool")


def test_a_process_that_was_named_may_speak(superd, program):
    daemon = superd({"x": notifier(program, "daemon")})
    with connect(daemon.port("x")) as client:
        read_line(client)
        becomes(daemon, "ready", "by another")


def test_descriptors_that_are_sent_along_dont_stay(superd, program):
    daemon = superd({"x": notifier(program, "descriptors")})
    with connect(daemon.port("x")) as client:
        read_line(client)
        becomes(daemon, "ready", "stored")
        # superd's own pipes are above; a descriptor that comes takes the lowest free number.
        low = [n for n in os.listdir(f"/proc/{daemon.pid}/fd") if 2 < int(n) < 62]
        links = [os.readlink(f"/proc/{daemon.pid}/fd/{n}") for n in low]
        assert not [link for link in links if link.startswith("pipe")]


def test_one_that_never_says_so_is_stopped(superd, program):
    daemon = superd({"x": notifier(program, "never", start_timeout="500ms", stop_signal="USR1")})
    with connect(daemon.port("x")) as client:
        pid = int(read_line(client))
        becomes(daemon, "starting", "tries")
        daemon.log.wait_for("service 'x': ended .* signal=USR1 .*stopped=start-timeout")
    assert not is_alive(pid)


def test_strangers_arent_heard(superd, program):
    daemon = superd({"x": notifier(program, "never")})
    with connect(daemon.port("x")) as client:
        pid = int(read_line(client))
        with open(f"/proc/{pid}/environ", "rb") as environment:
            (where,) = [v for v in environment.read().split(b"\0") if v.startswith(b"NOTIFY_SOCKET=")]
        address = where.decode().split("=")[1]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
            stranger.settimeout(DEADLINE)
            stranger.connect("\0" + address[1:])
            for _ in range(500):
                stranger.send(b"READY=1\nSTATUS=a lie\nMAINPID=1")
        say(client, b"STATUS=the truth")
        becomes(daemon, "starting", "the truth")


def test_who_isnt_asked_has_no_socket_for_it(superd):
    show = "import os; print('has', 'NOTIFY_SOCKET' in os.environ, flush=True);" \
           "import socket; socket.socket(fileno=0).accept()[0].close()"
    daemon = superd({"x": {"listen": "127.0.0.1:0", "activate": [sys.executable, "-c", show]}})
    with connect(daemon.port("x")) as client:
        assert read_all(client) == b""
    daemon.log.wait_for("service 'x': stderr: has False")


@pytest.mark.parametrize("how, state", [("never", "starting"), ("ready", "ready")])
def test_the_next_superd_hears_of_it(superd, program, how, state):
    daemon = superd({"x": notifier(program, how)})
    with connect(daemon.port("x")) as client:
        pid = int(read_line(client))
        wait_until(lambda: shown(daemon)[0] == state and shown(daemon)[1], state)
        before = shown(daemon)
        for _ in range(2):
            daemon.control.ask("upgrade")
            assert shown(daemon) == before
        say(client, b"READY=1\nSTATUS=still here")
        becomes(daemon, "ready", "still here")
        assert daemon.control.connections()[0]["pid"] == pid


def test_the_time_to_start_goes_on_in_the_next_superd(superd, program):
    daemon = superd({"x": notifier(program, "never", start_timeout="3s")})
    with connect(daemon.port("x")) as client:
        read_line(client)
        daemon.control.ask("upgrade")
        daemon.log.wait_for("service 'x': ended .* stopped=start-timeout")


def test_no_further_program_is_started_before_one_is_ready(superd, program):
    daemon = superd({"x": notifier(program, "never", limits={"instances": 2})})
    with connect(daemon.port("x")) as first, connect(daemon.port("x")) as second:
        read_line(first)
        # It would have been started by now if it weren't for that.
        wait_until(lambda: daemon.control.connections()[0]["age_ms"] > 1000, "time to pass")
        assert len(daemon.control.connections()) == 1
        say(first, b"READY=1")
        read_line(second)
    assert len(daemon.control.connections()) == 2


@pytest.mark.parametrize(
    "keys, said",
    [
        ({"ready": "soon"}, "exec or notify"),
        ({"start_timeout": "5s"}, "add ready: notify"),
        ({"ready": "notify", "environment": {"NOTIFY_SOCKET": "/x"}}, "remove one"),
    ],
)
def test_what_cant_be_meant_is_refused(room, keys, said):
    file = room / "wrong.yaml"
    service = {"listen": "127.0.0.1:1", "activate": "/bin/cat", **keys}
    file.write_text(superd_under_test.table({"x": service}), encoding="utf-8")
    ended = superd_under_test.run("--check", "--config", file)
    assert ended.returncode == 2 and said in ended.stderr
