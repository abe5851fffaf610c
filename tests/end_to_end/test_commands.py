# SPDX-License-Identifier: MIT
"""What administrators ask for on the control socket, and what they get."""

import re
import signal
import socket

import pytest

from clients import ask, connect, read_all, read_line, refuses
from patience import wait_until

ECHO = {"run": "/bin/cat"}
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d"


def shell(script, **keys):
    return {"run": ["/bin/sh", "-c", script], **keys}


def test_status_of_a_service_that_was_used(superd):
    daemon = superd({"x": {**ECHO, "description": "an echo"}, "idle": ECHO})
    with connect(daemon.port("x")) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        service = daemon.control.service("x")
        assert re.fullmatch(TIME, service.pop("last_used"))
        assert service == {
            "name": "x",
            "description": "an echo",
            "addresses": [f"127.0.0.1:{daemon.port('x')}"],
            "waiting": [],
            "state": "listening",
            "running": 1,
            "started": 1,
            "failed": 0,
            "refused": {},
            "ended": {"fine": 0, "failed": 0, "signal": 0},
            "overrides": [],
        }
        assert daemon.control.daemon()["running"] == 1
    active = daemon.control.ask("status", "--active")["services"]
    assert [one["name"] for one in active] == ["x"]
    assert daemon.control.service("idle")["last_used"] is None


def test_status_of_the_daemon(superd):
    daemon = superd({"x": ECHO}, {"instances": 77})
    status = daemon.control.daemon()
    assert re.fullmatch(TIME, status["started"])
    assert (status["pid"], status["state"], status["instances"]) == (daemon.pid, "serving", 77)
    assert (status["table"], status["generation"]) == (str(daemon.table_file), 1)
    assert status["memory"] > 1 << 20 and status["descriptors"] > 5


def test_ps_tells_each_connection(superd):
    daemon = superd({"x": shell("echo $$; exec sleep 1000"), "y": ECHO})
    with connect(daemon.port("x")) as client, connect(daemon.port("y")):
        pid = int(read_line(client))
        (one,) = daemon.control.connections("x")
        peer = "127.0.0.1:%d" % client.getsockname()[1]
        assert (one["service"], one["peer"], one["pid"]) == ("x", peer, pid)
        assert one["state"] == "running"
        # At the moment of the shell's exec it has none.
        wait_until(lambda: daemon.control.connections("x")[0]["memory"] > 0, "memory")
        wait_until(lambda: len(daemon.control.connections()) == 2, "the other connection")
        daemon.control.ask("stop", pid)
        assert read_all(client) == b""
    daemon.log.wait_for(f"ended pid={pid} .* signal=TERM .* stopped=administrator")


def test_stop_ends_all_of_a_service(superd):
    daemon = superd({"x": shell("echo on; exec sleep 1000"), "y": ECHO})
    clients = [connect(daemon.port("x")) for _ in range(5)]
    for client in clients:
        assert read_line(client) == b"on\n"
    with connect(daemon.port("y")) as other:
        other.sendall(b"y")
        assert other.recv(1) == b"y"
        assert daemon.control.ask("stop", "x")["stopped"] == 5
        for client in clients:
            assert read_all(client) == b""
            client.close()
        other.sendall(b"still")
        assert other.recv(5) == b"still"
    daemon.log.wait_for("service 'x': ended", 5)
    assert daemon.control.ask("stop", "x")["stopped"] == 0


def test_pause_and_resume(superd):
    daemon = superd({"x": ECHO, "y": ECHO})
    daemon.control.ask("pause", "x", "y")
    assert daemon.control.service("x")["state"] == "paused"
    daemon.control.ask("pause", "x")
    with connect(daemon.port("x")) as client:
        client.sendall(b"waits")
        client.shutdown(socket.SHUT_WR)
        daemon.control.ask("resume", "y")
        assert ask(daemon.port("y"), b"y") == b"y"
        assert daemon.control.connections("x") == []
        daemon.control.ask("resume", "x")
        assert read_all(client) == b"waits"
    daemon.log.wait_for("service 'x': resumed")
    assert len(daemon.log.find("service 'x': paused")) == 1


def test_set_and_unset(superd):
    daemon = superd({"x": shell("umask; ulimit -n")})
    before = ask(daemon.port("x"))
    daemon.control.ask("set", "x", "umask", "027")
    assert ask(daemon.port("x")).startswith(b"0027\n")
    daemon.control.ask("set", "x", "umask", "077")
    assert ask(daemon.port("x")).startswith(b"0077\n")
    assert daemon.control.service("x")["overrides"] == [
        {"key": "umask", "value": "077", "expires_ms": None}
    ]
    assert daemon.control.ask("unset", "x")["removed"] == 1
    assert daemon.control.ask("unset", "x", "umask")["removed"] == 0
    assert ask(daemon.port("x")) == before


def test_set_for_a_while(superd):
    daemon = superd({"x": shell("umask")})
    before = ask(daemon.port("x"))
    daemon.control.ask("set", "x", "umask", "077", "--for", "1s")
    daemon.log.wait_for("service 'x': override of 'umask' ended")
    assert ask(daemon.port("x")) == before
    assert daemon.control.service("x")["overrides"] == []


def test_what_can_not_be_set_is_told(superd):
    daemon = superd({"x": ECHO})
    for key, value in (("enabled", "no"), ("run", "/bin/true"), ("listen", "7001")):
        said = daemon.control.refused("set", "x", key, value)["error"]
        assert f"'{key}' can't be set at run time" in said
    assert ask(daemon.port("x"), b"x") == b"x"


def test_show_tells_what_holds(superd, room):
    daemon = superd({"x": ECHO, "y": ECHO}, defaults={"timeout": "7min"})
    daemon.control.ask("set", "x", "nice", "3")
    shown = daemon.control.ask("show", "x")
    assert "x:" in shown["text"] and "y:" not in shown["text"]
    assert "timeout: 7min" in shown["text"] and str(daemon.table_file) in shown["text"]
    assert list(shown["table"]["services"]) == ["x"]
    assert set(daemon.control.ask("show")["table"]["services"]) == {"x", "y"}


def test_events_tell_what_happens(superd):
    daemon = superd({"x": shell("echo said >&2"), "y": ECHO})
    ask(daemon.port("y"))
    with daemon.control.follow("--service", "x") as events:
        ask(daemon.port("x"))
        daemon.control.ask("pause", "x")
        daemon.control.ask("resume", "x")
        daemon.control.ask("set", "x", "nice", "1")
        seen = []
        while not {"ended", "overridden"} <= {event["event"] for event in seen}:
            seen.append(next(events))
    names = [event["event"] for event in seen]
    assert {"listening", "started", "stderr", "ended"} <= set(names)
    assert all(event["service"] == "x" for event in seen)
    assert all(re.fullmatch(TIME, event["time"]) and event["level"] for event in seen)
    remembered = daemon.control.lines(b"events\n")[1:]
    assert [event for event in remembered if event.get("service") == "x"][: len(seen)] == seen
    assert any(event.get("service") == "y" for event in remembered)


def test_events_remember_a_bounded_number(superd, program):
    daemon = superd({"hi": {"run": program("hi")}})
    for _ in range(300):
        ask(daemon.port("hi"))
    daemon.log.wait_for("ended", 300)
    events = daemon.control.lines(b"events\n")[1:]
    assert len(events) == 512
    assert events[-1]["event"] == "ended"


def test_metrics_are_open_metrics(superd):
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    daemon = superd({"x": ECHO, "odd-name": shell("exit 3")})
    for _ in range(3):
        ask(daemon.port("x"))
    ask(daemon.port("odd-name"))
    daemon.log.wait_for("ended", 4)
    daemon.control.ask("reload")
    text = daemon.control.ask("metrics")["text"]
    families = {one.name: one for one in parser.text_string_to_metric_families(text)}
    print(*families)
    starts = {one.labels["service"]: one.value for one in families["superd_starts"].samples}
    assert starts == {"x": 3, "odd-name": 1}
    assert any("reload" in name for name in families)


def test_drain_lets_handlers_finish(superd):
    daemon = superd({"x": shell('echo on; read word; echo "answer to $word"')}, {"stop_after": "1h"})
    with connect(daemon.port("x")) as client:
        assert read_line(client) == b"on\n"
        daemon.control.ask("drain")
        daemon.log.wait_for("superd: draining: 1 handler")
        assert refuses(daemon.port("x"))
        assert daemon.control.daemon()["state"] == "draining"
        daemon.control.ask("drain")
        client.sendall(b"it\n")
        assert read_all(client) == b"answer to it\n"
    assert daemon.wait_end() == 0
    assert "stopped" not in daemon.log.event("x", "ended")


def test_shutdown_stops_handlers(superd):
    daemon = superd({"x": shell("echo on; exec sleep 1000")}, {"stop_after": "1h"})
    with connect(daemon.port("x")) as client:
        assert read_line(client) == b"on\n"
        daemon.control.ask("drain")
        daemon.control.ask("shutdown")
        assert read_all(client) == b""
    assert daemon.wait_end() == 0
    assert daemon.log.event("x", "ended")["stopped"] == "shutdown"


def test_followers_learn_of_the_end(superd):
    daemon = superd({"x": ECHO})
    with daemon.control.follow() as events:
        daemon.signal(signal.SIGTERM)
        names = [event["event"] for event in events]
    assert "draining" in names
    assert daemon.wait_end() == 0
