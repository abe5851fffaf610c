# SPDX-License-Identifier: MIT
"""A record of each thing that happened, in three formats; a log that nobody reads stops nobody."""

import datetime
import json
import os
from pathlib import Path

import pytest

from clients import ask, connect, read_all, reset
from daemon import Superd, table
from log import TEXT_LINE, Log, Reader
from patience import wait_until

SAYS_HI = ["/bin/sh", "-c", "echo hi; echo said >&2"]
XINETD_LINE = r"\d\d/\d{1,2}/\d{1,2}@\d\d:\d\d:\d\d: "


def json_events(daemon):
    """All events so far, by name."""
    events = {}
    for line in daemon.log.refresh():
        record = json.loads(line)
        datetime.datetime.strptime(record["time"], "%Y-%m-%dT%H:%M:%S.%f%z")
        assert record["level"] in ("debug", "info", "warning", "error")
        events.setdefault(record["event"], []).append(record)
    return events


class ReadyInAnyFormat(Superd):
    def wait_ready(self):
        self.log.wait_for('superd: ready|"event":"ready"')
        return self


def started(room, services, settings):
    file = room / "superd.yaml"
    file.write_text(table(services, settings), encoding="utf-8")
    return ReadyInAnyFormat(room, ["--config", file])


def test_every_line_has_time_level_and_text(superd):
    daemon = superd({"hi": {"run": SAYS_HI}})
    ask(daemon.port("hi"))
    daemon.stop()
    assert len(daemon.log.lines) >= 7
    assert all(TEXT_LINE.fullmatch(line) for line in daemon.log.lines)


def test_json_is_complete_for_each_event(room, program):
    handler = room / "handler"
    handler.write_bytes(Path(program("hi")).read_bytes())
    handler.chmod(0o755)
    services = {"hi": {"run": SAYS_HI}, "gone": {"run": str(handler)}, "echo": {"run": "/bin/cat"}}
    log = {"format": "json"}
    with started(room, services, {"log": log, "instances": 1}).wait_ready() as daemon:
        ports = {
            record["service"]: int(record["address"].rpartition(":")[2])
            for record in json_events(daemon)["listening"]
        }
        with connect(ports["hi"]) as client:
            peer_port = client.getsockname()[1]
            assert read_all(client) == b"hi\n"
        handler.unlink()
        wait_until(lambda: "ended" in json_events(daemon), "the end of 'hi'")
        assert ask(ports["gone"]) == b""
        wait_until(lambda: "launch_failed" in json_events(daemon), "the failure of 'gone'")
        with connect(ports["echo"]) as one, connect(ports["echo"]) as two:
            wait_until(lambda: "paused" in json_events(daemon), "a pause")
            for client in (one, two):
                client.shutdown(1)
                read_all(client)
        wait_until(lambda: "resumed" in json_events(daemon), "the end of the pause")
        daemon.stop()
        events = json_events(daemon)

    peer = {"peer_address": "127.0.0.1", "peer_port": peer_port}
    started_one, ended = events["started"][0], events["ended"][0]
    assert started_one.items() >= {"service": "hi", "connection": 1, **peer}.items()
    assert ended.items() >= {"service": "hi", "connection": 1, "exit": 0, **peer}.items()
    assert ended["pid"] == started_one["pid"] > 1
    assert isinstance(ended["duration_ms"], int) and isinstance(ended["cpu_ms"], int)
    assert {"peak_memory", "peak_memory_at_most"} & set(ended)
    (failed,) = events["launch_failed"]
    assert failed["service"] == "gone" and failed["step"] == "exec"
    assert failed["error"] == "No such file or directory" and failed["level"] == "error"
    assert events["stderr"][0]["text"] == "said" and events["stderr"][0]["service"] == "hi"
    assert events["ready"][0]["services"] == events["ready"][0]["listeners"] == 3
    assert events["paused"][0]["reason"] and events["resumed"][0]["after_ms"] >= 0
    assert events["draining"][0]["running"] == 0 and "stopped" in events


def test_json_tells_the_peer_of_a_unix_socket_and_the_signal(room):
    keys = {"listen": f"unix:{room}/x.sock", "run": ["/bin/sh", "-c", "kill -KILL $$"]}
    with started(room, {"x": keys}, {"log": {"format": "json"}}).wait_ready() as daemon:
        assert ask(f"{room}/x.sock") == b""
        wait_until(lambda: "ended" in json_events(daemon), "the end")
        (ended,) = json_events(daemon)["ended"]
    assert ended["signal"] == "KILL" and "exit" not in ended
    assert ended["peer_uid"] == os.geteuid() and ended["peer_gid"] == os.getegid()
    assert ended["peer_pid"] == os.getpid()


def test_json_stays_json_whatever_a_handler_says(room):
    says = r"""printf 'quote " back \\ esc \033 bell \007 bad \377\376 end\n' >&2"""
    services = {"rude": {"run": ["/bin/sh", "-c", says]}}
    with started(room, services, {"log": {"format": "json"}}).wait_ready() as daemon:
        port = json_events(daemon)["listening"][0]["address"].rpartition(":")[2]
        ask(int(port))
        wait_until(lambda: "stderr" in json_events(daemon), "the line")
        text = json_events(daemon)["stderr"][0]["text"]
    assert text.startswith('quote " back \\ esc \x1b bell \x07 bad ') and text.endswith(" end")


def test_xinetd_s_lines(room, program):
    handler = room / "handler"
    handler.write_bytes(Path(program("hi")).read_bytes())
    handler.chmod(0o755)
    services = {
        "hi": {"run": SAYS_HI},
        "killed": {"run": ["/bin/sh", "-c", "kill -KILL $$"]},
        "gone": {"run": str(handler)},
    }
    with started(room, services, {"log": {"format": "xinetd"}}).wait_ready() as daemon:
        handler.unlink()
        for name in services:
            ask(daemon.port(name))
        (start,) = daemon.log.wait_for(rf"^{XINETD_LINE}START: hi pid=(\d+) from=127\.0\.0\.1$")
        daemon.log.wait_for(rf"^{XINETD_LINE}EXIT: hi status=0 pid={start[1]} duration=\d+\(sec\)$")
        daemon.log.wait_for(rf"^{XINETD_LINE}EXIT: killed signal=9 pid=\d+ duration=\d+\(sec\)$")
        daemon.log.wait_for(rf"^{XINETD_LINE}FAIL: gone \w+ from=127\.0\.0\.1$")


def test_the_level_hides_what_is_below_it(room):
    path = f"{room}/x.sock"
    services = {"x": {"listen": f"unix:{path}", "run": SAYS_HI}}
    file = room / "superd.yaml"
    file.write_text(table(services, {"instances": 1, "log": {"level": "warning"}}))
    with Superd(room, ["--config", file]) as daemon:
        wait_until(lambda: os.path.exists(path), "the socket")
        with connect(path), connect(path):
            daemon.log.wait_for("warning superd: listeners paused")
        daemon.stop()
        assert daemon.log.lines and not daemon.log.find(" (info|debug) ")


def test_the_command_line_s_level_overrules_the_table_s(superd):
    settings = {"log": {"level": "error"}}
    daemon = superd({"hi": {"run": SAYS_HI}}, settings, arguments=["--log-level", "info"])
    ask(daemon.port("hi"))
    daemon.log.event("hi", "started")


@pytest.fixture
def reader(room):
    reader = Reader(room / "superd.log")
    yield reader
    reader.close()


def read_by(reader, room, services):
    """superd that writes its log into a pipe."""
    file = room / "superd.yaml"
    file.write_text(table(services), encoding="utf-8")
    daemon = Superd(room, ["--config", file], stderr=reader.writing)
    reader.start()
    return daemon


def test_a_reader_who_stops_reading_stops_lines_and_not_services(room, program, reader):
    talker = {"run": ["/bin/sh", "-c", "exec yes x >&2"], "on_client_gone": "stop"}
    services = {"hi": {"run": program("hi")}, "talker": talker}
    with read_by(reader, room, services) as daemon:
        port = daemon.wait_ready().port("hi")
        reader.pause()
        talking = connect(daemon.port("talker"))
        for _ in range(200):
            assert ask(port) == b"hi\n"
        reset(talking)
        reader.resume()
        said = r"warning superd: dropped [1-9]\d* log lines"
        wait_until(lambda: ask(port) and daemon.log.find(said), "the count of dropped lines")


def test_superd_ends_even_if_nobody_reads_its_log(room, program, reader):
    with read_by(reader, room, {"hi": {"run": program("hi")}}) as daemon:
        port = daemon.wait_ready().port("hi")
        reader.pause()
        for _ in range(1000):
            assert ask(port) == b"hi\n"
        daemon.stop()


def test_a_reader_who_leaves_is_no_end_of_superd(room):
    path = f"{room}/hi.sock"
    file = room / "superd.yaml"
    file.write_text(table({"hi": {"listen": f"unix:{path}", "run": SAYS_HI}}))
    reading, writing = os.pipe()
    with Superd(room, ["--config", file], stderr=writing):
        os.close(writing)
        os.close(reading)
        wait_until(lambda: os.path.exists(path), "the socket")
        assert [ask(path) for _ in range(20)] == [b"hi\n"] * 20


def test_a_log_that_is_not_stderr_leaves_stderr_silent(superd, room):
    file = room / "superd.yaml"
    log = {"to": str(room / "x.log")}
    file.write_text(table({"hi": {"run": SAYS_HI}}, {"log": log}))
    with Superd(room, ["--config", file]) as daemon:
        Log(room / "x.log").wait_for("superd: ready")
        daemon.stop()
        assert daemon.log.refresh() == []
