# SPDX-License-Identifier: MIT
"""Ends: by itself, by a deadline, with the client; the handler alone or all of its processes."""

import os
import signal
from pathlib import Path

import pytest

from clients import ask, connect, read_all, read_line, reset
from patience import wait_until
from processes import end, is_alive, status_of, wait_gone


def shell(script, **keys):
    return {"run": ["/bin/sh", "-c", script], **keys}


@pytest.mark.parametrize("status", [0, 1, 100, 127, 255])
def test_the_exit_status_is_told_as_it_is(superd, status):
    daemon = superd({"x": shell(f"exit {status}")})
    ask(daemon.port("x"))
    assert daemon.log.event("x", "ended")["exit"] == str(status)


def test_a_handler_killed_by_a_signal_is_told_by_its_name(superd):
    daemon = superd({"x": shell("kill -SEGV $$")})
    ask(daemon.port("x"))
    ended = daemon.log.event("x", "ended")
    assert ended["signal"] == "SEGV" and "exit" not in ended and "stopped" not in ended


def test_start_and_end_tell_pid_peer_connection_and_what_was_used(superd):
    daemon = superd({"x": shell("echo $$")})
    with connect(daemon.port("x")) as client:
        peer = "127.0.0.1:%d" % client.getsockname()[1]
        pid = read_all(client).decode().strip()
    facts = {"pid": pid, "peer": peer, "connection": "1"}
    assert daemon.log.event("x", "started") == facts
    ended = daemon.log.event("x", "ended")
    assert ended.items() >= {**facts, "exit": "0"}.items()
    assert set(ended) - set(facts) == {"exit", "duration", "cpu", "memory"}


def test_timeout_ends_a_run(superd):
    daemon = superd({"slow": shell("exec sleep 1000", timeout="200ms")})
    assert ask(daemon.port("slow")) == b""
    ended = daemon.log.event("slow", "ended")
    assert ended["signal"] == "TERM" and ended["stopped"] == "timeout"


def test_stop_signal_as_configured(superd):
    script = "trap 'echo asked; exit 7' USR1; echo on; while :; do sleep 0.05; done"
    daemon = superd({"slow": shell(script, timeout="500ms", stop_signal="USR1")})
    assert ask(daemon.port("slow")) == b"on\nasked\n"
    ended = daemon.log.event("slow", "ended")
    assert ended["exit"] == "7" and ended["stopped"] == "timeout"


def test_a_handler_that_ignores_term_is_killed_after_stop_grace(superd):
    script = "trap '' TERM; echo on; while :; do sleep 1000; done"
    daemon = superd({"stubborn": shell(script, timeout="300ms", stop_grace="300ms")})
    assert ask(daemon.port("stubborn")) == b"on\n"
    ended = daemon.log.event("stubborn", "ended")
    assert ended["signal"] == "KILL" and ended["stopped"] == "timeout"


def test_a_stop_reaches_the_whole_process_group(superd):
    daemon = superd({"family": shell("sleep 1000 & echo $!; wait", timeout="300ms")})
    child = int(ask(daemon.port("family")))
    daemon.log.event("family", "ended")
    wait_gone(child)


def test_stop_grace_holds_for_the_whole_process_group(superd):
    script = "(trap '' TERM; while :; do sleep 1000; done) & echo $!; wait"
    daemon = superd({"family": shell(script, timeout="300ms", stop_grace="300ms")})
    child = int(ask(daemon.port("family")))
    daemon.log.event("family", "ended")
    wait_gone(child)


def test_a_background_child_survives_the_normal_end_of_its_handler(superd):
    script = "sleep 1000 </dev/null >/dev/null 2>&1 & echo $!"
    daemon = superd({"starter": shell(script)})
    child = int(ask(daemon.port("starter")))
    try:
        assert daemon.log.event("starter", "ended")["exit"] == "0"
        assert is_alive(child)
        daemon.stop_and_leave(child)
        assert is_alive(child)
    finally:
        end(child)


def test_a_background_child_that_keeps_the_log_pipe_keeps_nobody_from_ending(superd):
    daemon = superd({"starter": shell("sleep 1000 </dev/null >/dev/null & echo $!")})
    child = int(ask(daemon.port("starter")))
    try:
        assert daemon.log.event("starter", "ended")["exit"] == "0"
        daemon.stop_and_leave(child)
    finally:
        end(child)


def test_a_client_that_resets_stops_its_handler_where_it_is_asked_for(superd):
    daemon = superd({"held": shell("echo on; exec sleep 1000", on_client_gone="stop")})
    client = connect(daemon.port("held"))
    assert read_line(client) == b"on\n"
    reset(client)
    ended = daemon.log.event("held", "ended")
    assert ended["signal"] == "TERM" and ended["stopped"] == "client-gone"


def test_a_client_that_half_closes_is_not_gone(superd):
    script = "cat >/dev/null; sleep 0.3; echo answer"
    daemon = superd({"held": shell(script, on_client_gone="stop")})
    assert ask(daemon.port("held"), b"question\n") == b"answer\n"
    assert "stopped" not in daemon.log.event("held", "ended")


def test_a_client_that_resets_does_not_stop_its_handler_otherwise(superd):
    daemon = superd({"held": shell("echo on; sleep 0.5; echo finished >&2")})
    client = connect(daemon.port("held"))
    assert read_line(client) == b"on\n"
    reset(client)
    daemon.log.wait_for("service 'held': stderr: finished")
    assert daemon.log.event("held", "ended")["exit"] == "0"


def test_a_program_that_is_gone_is_told_and_comes_back(superd, room, program):
    handler = room / "handler"
    handler.write_bytes(Path(program("hi")).read_bytes())
    handler.chmod(0o755)
    daemon = superd({"x": {"run": [str(handler)]}})
    assert ask(daemon.port("x")) == b"hi\n"
    handler.rename(room / "elsewhere")
    assert ask(daemon.port("x")) == b""
    (line,) = daemon.log.wait_for("(.*) service 'x': step '(.*)' failed: (.*) pid=.* connection=2")
    assert line[2] == "exec" and line[3] == "No such file or directory"
    assert line[1].endswith(" error")
    (room / "elsewhere").rename(handler)
    assert ask(daemon.port("x")) == b"hi\n"
    assert not daemon.log.find("ended .*connection=2 ")


def test_each_failing_step_is_named(superd, room):
    directory = room / "directory"
    directory.mkdir()
    directory.chmod(0o755)
    daemon = superd({"x": {"run": "/bin/cat", "directory": str(directory)}})
    directory.rmdir()
    assert ask(daemon.port("x")) == b""
    daemon.log.wait_for("service 'x': step 'directory' failed: No such file or directory")


def test_a_handler_stopped_by_job_control_has_not_ended(superd):
    daemon = superd({"x": shell("kill -STOP $$; echo again")})
    with connect(daemon.port("x")) as client:
        pid = int(daemon.log.event("x", "started")["pid"])
        wait_until(lambda: status_of(pid, "State").startswith("T"), "the stop")
        assert not daemon.log.find("ended")
        os.kill(pid, signal.SIGCONT)
        assert read_all(client) == b"again\n"
    assert daemon.log.event("x", "ended")["exit"] == "0"
