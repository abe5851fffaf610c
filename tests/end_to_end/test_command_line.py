# SPDX-License-Identifier: MIT
"""The command line: one program without a file, --check, pid file, background, wrong usage."""

import contextlib
import os
import re

import pytest

import processes
from clients import ask, refuses
from daemon import Superd, run, table
from log import Log
from patience import wait_until

ECHO = {"echo": {"run": "/bin/cat"}}


@pytest.fixture
def config(room):
    file = room / "superd.yaml"
    file.write_text(table(ECHO), encoding="utf-8")
    return file


def test_version():
    ended = run("--version")
    assert ended.returncode == 0
    assert re.fullmatch(r"superd \d+\.\d+\.\d+\n", ended.stdout)


def test_help_names_every_option():
    ended = run("--help")
    assert ended.returncode == 0
    for option in (
        "config",
        "check",
        "version",
        "pidfile",
        "daemonize",
        "log-level",
        "listen",
        "user",
    ):
        assert f"--{option}" in ended.stdout


def test_check_sums_up_a_table_that_is_fine(room):
    file = room / "fine.yaml"
    listen = ["127.0.0.1:0", f"unix:{room}/x.sock"]
    file.write_text(
        table({"one": {"run": "/bin/cat"}, "two": {"run": "/bin/cat", "listen": listen}})
    )
    ended = run("--config", file, "--check")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"{file}: 2 services, 3 listeners: ok\n"
    assert not (room / "x.sock").exists()


def test_one_program_without_a_file(room):
    with Superd(room, ["--listen", "127.0.0.1:0", "--", "/usr/bin/tr", "a-z", "A-Z"]) as daemon:
        daemon.wait_ready()
        assert ask(daemon.port("tr"), b"loud\n") == b"LOUD\n"


def test_one_program_on_two_addresses_as_a_user(room, as_root):
    arguments = ["--listen", "127.0.0.1:0", "--listen", f"unix:{room}/x.sock", "--user", "games"]
    with Superd(room, [*arguments, "--", "id", "-un"]) as daemon:
        daemon.wait_ready()
        assert ask(daemon.port("id")) == ask(f"{room}/x.sock") == b"games\n"


def test_a_program_s_own_options_are_its_own(room):
    with Superd(room, ["--listen", "127.0.0.1:0", "--", "echo", "--check", "-n"]) as daemon:
        daemon.wait_ready()
        assert ask(daemon.port("echo")) == b"--check -n\n"


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--listen", "127.0.0.1:0", "--", "/no/such/program"], "/no/such/program"),
        (["--listen", "127.0.0.1:99999", "--", "/bin/cat"], "99999"),
        (["--listen", "127.0.0.1:0", "--user", "nobdy-at-all", "--", "/bin/cat"], "nobdy-at-all"),
    ],
)
def test_faults_on_the_command_line_are_told_like_those_of_a_file(arguments, words):
    ended = run(*arguments)
    assert ended.returncode == 2
    assert words in ended.stderr and ended.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-such-option"],
        ["--config"],
        ["--log-level", "loud"],
        ["--listen", "127.0.0.1:0"],
        ["--", "/bin/cat"],
        ["stray"],
        ["--user", "nobody"],
        ["--config", "x.yaml", "--listen", "127.0.0.1:0", "--", "/bin/cat"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_and_ends_with_status_2(arguments, room):
    ended = run(*arguments, cwd=room)
    assert ended.returncode == 2
    assert ended.stderr and ended.stdout == ""


def test_a_port_that_is_taken_on_the_command_line(superd):
    port = superd(ECHO).port("echo")
    ended = run("--listen", f"127.0.0.1:{port}", "--", "/bin/cat")
    assert ended.returncode == 1
    assert str(port) in ended.stderr and "in use" in ended.stderr


def test_the_pid_file_has_the_pid_and_is_removed_at_the_end(superd, room):
    pidfile = room / "superd.pid"
    daemon = superd(ECHO, arguments=["--pidfile", pidfile])
    assert pidfile.read_text() == f"{daemon.pid}\n"
    daemon.stop()
    assert not pidfile.exists()


def test_a_live_superd_s_pid_file_is_not_overwritten(superd, room, config):
    pidfile = room / "superd.pid"
    daemon = superd(ECHO, arguments=["--pidfile", pidfile], name="first")
    ended = run("--config", config, "--pidfile", pidfile)
    assert ended.returncode == 1
    assert str(daemon.pid) in ended.stderr and str(pidfile) in ended.stderr
    assert pidfile.read_text() == f"{daemon.pid}\n"


def test_a_dead_superd_s_pid_file_is_overwritten(superd, room):
    pidfile = room / "superd.pid"
    pidfile.write_text("4194303\n")
    daemon = superd(ECHO, arguments=["--pidfile", pidfile])
    assert pidfile.read_text() == f"{daemon.pid}\n"


def test_a_pid_file_that_can_not_be_written_is_told(room, config):
    ended = run("--config", config, "--pidfile", room / "nowhere" / "superd.pid")
    assert ended.returncode == 1
    assert "nowhere/superd.pid" in ended.stderr


def test_no_pid_file_is_left_of_a_start_that_failed(superd, room):
    port = superd(ECHO).port("echo")
    file = room / "second.yaml"
    file.write_text(table({"mine": {"listen": f"127.0.0.1:{port}", "run": "/bin/cat"}}))
    assert run("--config", file, "--pidfile", room / "second.pid").returncode == 1
    assert not (room / "second.pid").exists()


@contextlib.contextmanager
def in_background(pidfile, *arguments, **options):
    """superd that went into the background, ended at the end; its pid, by the pid file at return."""
    name = pidfile.name if "cwd" in options else pidfile
    ended = run("--daemonize", "--pidfile", name, *arguments, **options)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    written = pidfile.read_text()
    pid = int(wait_until(pidfile.read_text, "a pid in the pid file"))
    processes.ours.add(pid)
    try:
        assert written == f"{pid}\n"
        yield pid
    finally:
        status = processes.end_adopted(pid)
        processes.ours.discard(pid)
        assert processes.take_orphans() == []
    assert status == 0 and not pidfile.exists()


def test_daemonize_returns_when_superd_is_ready_and_detached(room):
    file, lines, path = room / "superd.yaml", room / "lines", f"{room}/echo.sock"
    services = {"echo": {"listen": f"unix:{path}", "run": "/bin/cat"}}
    file.write_text(table(services, {"log": {"to": str(lines)}}))
    with in_background(room / "superd.pid", "--config", file) as pid:
        assert ask(path, b"ready") == b"ready"
        assert os.getsid(pid) not in (os.getsid(0), pid)
        if processes.descriptors_of(pid) is not None:
            assert {os.readlink(f"/proc/{pid}/fd/{n}") for n in (0, 1, 2)} == {"/dev/null"}
            assert os.readlink(f"/proc/{pid}/cwd") == "/"
    assert Log(lines).find("superd: ready") and not os.path.exists(path)


def test_the_pid_file_is_whole_when_daemonize_returns(room):
    file, lines = room / "superd.yaml", room / "lines"
    file.write_text(table(ECHO, {"log": {"to": str(lines)}}))
    for _ in range(10):
        with in_background(room / "superd.pid", "--config", file):
            pass
    assert len(Log(lines).find("superd: stopped")) == 10


def test_daemonize_tells_faults_before_it_leaves(superd, room):
    file = room / "second.yaml"
    file.write_text("services: {x: {listen: 127.0.0.1:0}}\n")
    ended = run("--config", file, "--daemonize")
    assert ended.returncode == 2 and "second.yaml:1:" in ended.stderr
    port = superd(ECHO).port("echo")
    file.write_text(table({"x": {"listen": f"127.0.0.1:{port}", "run": "/bin/cat"}}))
    ended = run("--config", file, "--daemonize")
    assert ended.returncode == 1 and str(port) in ended.stderr
    assert processes.take_orphans() == []


def test_a_relative_config_and_pid_file_work_in_the_background(room):
    services = {"echo": {"listen": "unix:echo.sock", "run": "/bin/cat"}}
    (room / "superd.yaml").write_text(table(services, {"log": {"to": f"{room}/lines"}}))
    with in_background(room / "superd.pid", "--config", "superd.yaml", cwd=room):
        assert ask(f"{room}/echo.sock", b"x") == b"x"
    assert sorted(path.name for path in room.iterdir()) == ["lines", "superd.yaml"]


def test_superd_starts_without_stdin_stdout_and_stderr(room, config):
    """Closed standard descriptors must not become a service's sockets."""
    config.write_text(table({"echo": {"listen": f"unix:{room}/echo.sock", "run": "/bin/cat"}}))
    closed = ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
    with Superd(room, ["--config", config], prefix=closed):
        wait_until(lambda: not refuses(f"{room}/echo.sock"), "the service")
        assert ask(f"{room}/echo.sock", b"fine") == b"fine"
