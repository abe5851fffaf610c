# SPDX-License-Identifier: MIT
"""Those who watch over machines: HAProxy, Checkmk's way of asking, NRPE."""

import subprocess

import pytest

import processes
from clients import ask, connect, read_all
from patience import DEADLINE, wait_until


@pytest.fixture
def haproxy(room, reserved_port, run):
    """haproxy(port): it checks `port` every 50 ms; the words of its server's state."""
    running = []

    def start(port):
        settings = room / "haproxy.cfg"
        settings.write_text(
            f"global\n  stats socket {room}/haproxy.sock level admin\n"
            "defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 5s\n  timeout server 5s\n"
            f"listen front\n  bind 127.0.0.1:{reserved_port()}\n  option httpchk\n"
            f"  server one 127.0.0.1:9 check port {port} inter 50ms rise 2 fall 2\n"
        )
        log = (room / "haproxy.log").open("w")
        process = subprocess.Popen(["haproxy", "-db", "-f", settings], stdout=log, stderr=log)
        running.append(process)
        processes.ours.add(process.pid)
        return lambda: state(process)

    def state(process):
        assert process.poll() is None, (room / "haproxy.log").read_text()
        ask_for = "echo 'show stat front 4 -1' | socat - UNIX-CONNECT:haproxy.sock"
        lines = run("sh", "-c", f"test ! -S haproxy.sock || {ask_for}").splitlines()
        if len(lines) < 2:
            return {}
        return dict(zip(lines[0].lstrip("# ").split(","), lines[1].split(",")))

    yield start
    for process in running:
        process.terminate()
        process.wait(DEADLINE)
        processes.ours.discard(process.pid)


def test_haproxy_marks_it_up_and_down_and_up(serve, room, haproxy):
    well = room / "ok"
    well.touch()
    daemon = serve("health", {"/var/lib/health/ok": well})
    state = haproxy(daemon.port("health"))
    for wanted, code in (("UP", "200"), ("DOWN", "503"), ("UP", "200")):
        well.unlink() if wanted == "DOWN" else well.touch()
        wait_until(
            lambda: (state().get("status"), state().get("check_code")) == (wanted, code), state
        )
    assert not [end for end in daemon.log.find(r" ended .*") if "exit=0" not in end[0]]


def test_no_answer_is_lost_to_a_request_that_is_not_read(serve):
    port = serve("health").port("health")
    for _ in range(50):
        with connect(port) as client:
            client.sendall(b"OPTIONS / HTTP/1.0\r\nX: " + b"x" * 10_000 + b"\r\n\r\n")
            assert read_all(client).startswith(b"HTTP/1.0 503 ")


def test_an_agent_prints_its_sections(serve):
    port = serve("agent").port("agent")
    answer = ask(port).decode()
    assert [line for line in answer.splitlines() if line.startswith("<<<")] == [
        "<<<check_mk>>>",
        "<<<uptime>>>",
        "<<<df>>>",
    ]
    assert "AgentOS: Linux\n" in answer


def test_nrpe_runs_a_check(serve, room, run):
    settings = room / "nrpe.cfg"
    settings.write_text(
        "allowed_hosts=127.0.0.1\ncommand[good]=/bin/echo all is well\n"
        "command[bad]=/bin/sh -c 'echo all is lost; exit 2'\n"
    )
    port = serve("nrpe", {"/etc/nagios/nrpe.cfg": settings}).port("nrpe")
    check = ["/usr/lib/nagios/plugins/check_nrpe", "-H", "127.0.0.1", "-p", port]
    assert "NRPE v4" in run(*check)
    assert run(*check, "-c", "good") == "all is well\n"
    assert run(*check, "-c", "bad", fails=True) == "all is lost\n"
