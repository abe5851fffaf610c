# SPDX-License-Identifier: MIT
"""Upgrade in place: the next superd has the pid, the sockets, the connections and what is known of
them. Here it is the same program; what can't take over is in test_upgrade_refused."""

import os
import shutil
import signal
import socket
from pathlib import Path

import pytest

import daemon as superd_under_test
import processes
from clients import ask, connect, read_all, read_line, reset
from contract import Contract
from patience import wait_until
from processes import end, is_alive, wait_gone

ECHO = {"run": "/bin/cat"}


def shell(script, **keys):
    return {"run": ["/bin/sh", "-c", script], **keys}


def upgrade(daemon, *program):
    reply = daemon.control.ask("upgrade", *program)
    assert reply["from"] == reply["to"]
    return reply


def without_measures(connections):
    """What is to be the same before and after."""
    return [
        {key: value for key, value in one.items() if key not in ("age_ms", "cpu_ms", "memory")}
        for one in connections
    ]


def test_usr2_upgrades_and_the_pid_stays(superd):
    daemon = superd({"x": ECHO})
    daemon.signal(signal.SIGUSR2)
    daemon.log.wait_for(r"info superd: upgraded from (\d+\.\d+\.\d+) to \1")
    daemon.log.wait_for("superd: ready", 2)
    assert ask(daemon.port("x"), b"x") == b"x"
    assert daemon.control.daemon()["pid"] == daemon.pid
    assert daemon.process.poll() is None


def test_long_connections_go_on(superd):
    daemon = superd({"echo": ECHO})
    clients = [connect(daemon.port("echo")) for _ in range(50)]
    for number, client in enumerate(clients):
        client.sendall(b"before %d" % number)
    for number, client in enumerate(clients):
        assert client.recv(100) == b"before %d" % number
    before = daemon.control.connections()
    for _ in range(3):
        upgrade(daemon)
    after = daemon.control.connections()
    assert len(after) == 50 and without_measures(after) == without_measures(before)
    assert all(new["age_ms"] >= old["age_ms"] for old, new in zip(before, after))
    for number, client in enumerate(clients):
        client.sendall(b"after %d" % number)
        assert client.recv(100) == b"after %d" % number
        client.shutdown(socket.SHUT_WR)
        assert read_all(client) == b""
        client.close()
    daemon.log.wait_for("service 'echo': ended .* exit=0", 50)
    assert daemon.control.connections() == []


def test_status_is_as_before(superd):
    daemon = superd({"x": ECHO, "y": shell("exit 3"), "z": shell("kill -9 $$")})
    for name in "xyz":
        ask(daemon.port(name))
    daemon.log.wait_for("ended", 3)
    with connect(daemon.port("x")) as client:
        client.sendall(b"on")
        assert client.recv(2) == b"on"
        before = daemon.control.ask("status")
        upgrade(daemon)
        after = daemon.control.ask("status")
        assert after["services"] == before["services"]
        for key in ("started", "pid", "connections", "running", "table", "instances", "user"):
            assert after["daemon"][key] == before["daemon"][key]
        assert after["daemon"]["generation"] > before["daemon"]["generation"]
    daemon.log.wait_for("service 'x': ended", 2)
    assert daemon.control.service("x")["running"] == 0


def test_numbers_of_connections_go_on(superd):
    daemon = superd({"x": shell("echo $SUPERD_CONNECTION")})
    assert ask(daemon.port("x")) == b"1\n"
    upgrade(daemon)
    assert ask(daemon.port("x")) == b"2\n"


def test_a_lingering_connection_lingers_on(superd):
    daemon = superd({"x": shell("echo answer", linger="1h")})
    with connect(daemon.port("x")) as client:
        assert read_all(client) == b"answer\n"
        wait_until(lambda: daemon.control.connections()[0]["state"] == "lingering", "lingering")
        upgrade(daemon)
        assert daemon.control.connections()[0]["state"] == "lingering"
        client.sendall(b"x" * 100_000)
        assert daemon.control.connections()[0]["state"] == "lingering"
    wait_until(lambda: daemon.control.connections() == [], "the end of lingering")


def test_stderr_of_a_handler_from_before_still_reaches_the_log(superd):
    daemon = superd({"x": shell('echo on; read word; echo "said $word" >&2; echo end')})
    with connect(daemon.port("x")) as client:
        assert read_line(client) == b"on\n"
        upgrade(daemon)
        with connect(daemon.port("x")) as another:
            assert read_line(another) == b"on\n"
            upgrade(daemon)
            for number, one in enumerate((client, another)):
                one.sendall(b"%d\n" % number)
                assert read_all(one) == b"end\n"
    daemon.log.wait_for("info service 'x': stderr: said 0$")
    daemon.log.wait_for("info service 'x': stderr: said 1$")


def test_stderr_of_what_a_handler_left_in_the_background_reaches_the_log(superd, room):
    later = f"while ! [ -e {room}/now ]; do sleep 0.05; done; echo later >&2"
    daemon = superd({"x": shell(f"({later}) </dev/null >/dev/null & echo $!")})
    child = int(ask(daemon.port("x")))
    try:
        daemon.log.event("x", "ended")
        upgrade(daemon)
        upgrade(daemon)
        (room / "now").touch()
        daemon.log.wait_for("info service 'x': stderr: later$")
        wait_gone(child)
    finally:
        end(child)


def test_a_timeout_that_began_before_ends_the_handler(superd):
    daemon = superd({"x": shell("echo on; exec sleep 1000", timeout="1500ms")})
    with connect(daemon.port("x")) as client:
        assert read_line(client) == b"on\n"
        upgrade(daemon)
        assert read_all(client) == b""
    ended = daemon.log.event("x", "ended")
    assert (ended["signal"], ended["stopped"]) == ("TERM", "timeout")


def test_a_stop_under_way_is_finished(superd):
    script = "trap '' TERM; echo on; while :; do sleep 1000; done"
    daemon = superd({"x": shell(script, timeout="300ms", stop_grace="1s")})
    with connect(daemon.port("x")) as client:
        assert read_line(client) == b"on\n"
        wait_until(lambda: daemon.control.connections()[0]["state"] == "stopping", "the stop")
        upgrade(daemon)
        assert read_all(client) == b""
    ended = daemon.log.event("x", "ended")
    assert (ended["signal"], ended["stopped"]) == ("KILL", "timeout")


def test_stop_works_on_handlers_from_before(superd):
    daemon = superd({"x": shell("echo $$; exec sleep 1000")})
    with connect(daemon.port("x")) as one, connect(daemon.port("x")) as other:
        pids = [int(read_line(client)) for client in (one, other)]
        upgrade(daemon)
        assert daemon.control.ask("stop", pids[0])["stopped"] == 1
        assert read_all(one) == b""
        daemon.log.wait_for(f"ended pid={pids[0]} .* stopped=administrator")
        assert is_alive(pids[1])
        assert daemon.control.ask("stop", "x")["stopped"] == 1
        assert read_all(other) == b""


def test_a_client_that_goes_stops_its_handler_from_before(superd):
    daemon = superd({"x": shell("echo on; exec sleep 1000", on_client_gone="stop")})
    client = connect(daemon.port("x"))
    assert read_line(client) == b"on\n"
    upgrade(daemon)
    reset(client)
    assert daemon.log.event("x", "ended")["stopped"] == "client-gone"


def test_connections_that_wait_for_a_slot_are_served_after(superd):
    daemon = superd({"x": ECHO}, {"instances": 2})
    clients = [connect(daemon.port("x")) for _ in range(6)]
    daemon.log.wait_for("warning superd: listeners paused")
    upgrade(daemon)
    for number, client in enumerate(clients):
        client.sendall(b"%d" % number)
        client.shutdown(socket.SHUT_WR)
    for number, client in enumerate(clients):
        assert read_all(client) == b"%d" % number
        client.close()


def test_no_descriptor_leaks_into_handlers_or_stays(superd, program, room):
    services = {
        "contract": {"run": program("contract")},
        "x": {**ECHO, "listen": ["127.0.0.1:0", f"unix:{room}/x.sock"]},
    }
    daemon = superd(services)
    upgrade(daemon)
    for name in ("contract", "x"):
        ask(daemon.port(name))
    daemon.log.wait_for("ended", 2)
    counts = set()
    for _ in range(20):
        upgrade(daemon)
        for name in ("contract", "x"):
            ask(daemon.port(name))
        wait_until(lambda: not daemon.control.connections(), "the end of handlers")
        counts.add(daemon.control.daemon()["descriptors"])
    given = Contract(ask(daemon.port("contract")))
    assert sorted(given.descriptors) == [0, 1, 2]
    assert not any("SUPERD_STATE" in name for name in given.environment)
    assert len(counts) == 1, counts
    assert processes.descriptors_of(daemon.pid) in counts | {max(counts) - 1}


def test_ports_and_paths_stay(superd, room):
    path = room / "x.sock"
    listen = ["127.0.0.1:0", f"unix:{path}", f"unix:@{room.name}"]
    daemon = superd({"x": {**ECHO, "listen": listen}})
    addresses = daemon.control.service("x")["addresses"]
    inode, control = path.stat().st_ino, Path(daemon.control.path).stat().st_ino
    upgrade(daemon)
    assert daemon.control.service("x")["addresses"] == addresses
    assert (path.stat().st_ino, Path(daemon.control.path).stat().st_ino) == (inode, control)
    assert ask(str(path), b"x") == ask(f"@{room.name}", b"x") == b"x"
    daemon.stop()
    assert not path.exists() and not Path(daemon.control.path).exists()


def test_a_paused_service_stays_paused(superd):
    daemon = superd({"x": ECHO})
    daemon.control.ask("pause", "x")
    with connect(daemon.port("x")) as client:
        client.sendall(b"waits")
        client.shutdown(socket.SHUT_WR)
        upgrade(daemon)
        assert daemon.control.service("x")["state"] == "paused"
        assert daemon.control.connections() == []
        daemon.control.ask("resume", "x")
        assert read_all(client) == b"waits"


def test_overrides_go_on_and_end_in_time(superd):
    daemon = superd({"x": ECHO})
    daemon.control.ask("set", "x", "timeout", "1h")
    daemon.control.ask("set", "x", "nice", "1", "--for", "1h")
    daemon.control.ask("set", "x", "umask", "077", "--for", "1s")
    upgrade(daemon)
    overrides = {one["key"]: one for one in daemon.control.service("x")["overrides"]}
    assert overrides["timeout"]["expires_ms"] is None
    assert 0 < overrides["nice"]["expires_ms"] <= 3_600_000
    daemon.log.wait_for("service 'x': override of 'umask' ended")
    keys = [one["key"] for one in daemon.control.service("x")["overrides"]]
    assert sorted(keys) == ["nice", "timeout"]


def test_the_table_is_read_anew(superd):
    daemon = superd({"x": ECHO})
    daemon.write({"x": ECHO, "new": ECHO})
    upgrade(daemon)
    assert ask(daemon.port("new"), b"x") == b"x"


def test_a_program_that_was_replaced_on_disk(room):
    own = room / "own-superd"
    shutil.copy(superd_under_test.BINARY, own)
    daemon = superd_under_test.launch(room, {"x": ECHO}, binary=own)
    with daemon.wait_ready():
        shutil.copy(superd_under_test.BINARY, room / "next")
        (room / "next").rename(own)
        assert os.readlink(f"/proc/{daemon.pid}/exe").endswith("(deleted)")
        daemon.signal(signal.SIGUSR2)
        daemon.log.wait_for("superd: upgraded")
        assert os.readlink(f"/proc/{daemon.pid}/exe") == str(own)
        own.unlink()
        assert "No such file" in daemon.control.refused("upgrade")["error"]
        shutil.copy(superd_under_test.BINARY, own)
        upgrade(daemon)
        assert ask(daemon.port("x"), b"x") == b"x"


def test_to_another_file_and_back(superd, room):
    daemon = superd({"x": ECHO})
    other = room / "other-superd"
    shutil.copy(superd_under_test.BINARY, other)
    upgrade(daemon, other)
    assert os.readlink(f"/proc/{daemon.pid}/exe") == str(other)
    upgrade(daemon)
    assert os.readlink(f"/proc/{daemon.pid}/exe") == str(other)
    upgrade(daemon, superd_under_test.BINARY)
    assert os.readlink(f"/proc/{daemon.pid}/exe") == str(superd_under_test.BINARY)
    assert ask(daemon.port("x"), b"x") == b"x"


def test_through_a_script(superd, room):
    wrapper = room / "wrapper"
    wrapper.write_text(f'#!/bin/sh\nexec "{superd_under_test.BINARY}" "$@"\n')
    wrapper.chmod(0o755)
    daemon = superd({"x": ECHO})
    upgrade(daemon, wrapper)
    assert ask(daemon.port("x"), b"x") == b"x"


def test_several_at_once(superd):
    daemon = superd({"x": ECHO})
    asked = []
    for _ in range(4):
        client = daemon.control.connect()
        client.sendall(b"upgrade\n")
        asked.append(client)
    answers = [read_all(client) for client in asked]
    for client in asked:
        client.close()
    assert any(b'"ok":true' in answer for answer in answers), answers
    assert all(b'"ok":true' in one or b"upgraded meanwhile" in one for one in answers), answers
    for _ in range(10):
        daemon.signal(signal.SIGUSR2)
    reply = wait_until(lambda: daemon.control.reply("upgrade"), "an answer")
    assert reply["ok"] or "upgraded meanwhile" in reply["error"]
    assert ask(daemon.port("x"), b"x") == b"x"
    assert daemon.control.daemon()["pid"] == daemon.pid


@pytest.mark.parametrize("control_clients", [0, 3])
def test_in_the_background_with_a_pid_file_and_relative_paths(room, control_clients):
    (room / "x.yaml").write_text(superd_under_test.table({"x": ECHO}, {"log": {"to": f"{room}/log"}}))
    arguments = ["--config", "x.yaml", "--pidfile", "x.pid", "--control", "x.control", "--daemonize"]
    ended = superd_under_test.run(*arguments, cwd=room)
    assert (ended.returncode, ended.stderr) == (0, "")
    pid = int((room / "x.pid").read_text())
    processes.ours.add(pid)
    try:
        control = superd_under_test.Control(room / "x.control")
        (address,) = control.service("x")["addresses"]
        followers = [control.connect() for _ in range(control_clients)]
        for number in range(3):
            control.ask("upgrade")
            assert int((room / "x.pid").read_text()) == pid
            assert control.daemon()["pid"] == pid
            assert os.readlink(f"/proc/{pid}/cwd") == "/"
            control.ask("reload")
        assert ask(int(address.split(":")[1]), b"x") == b"x"
        for client in followers:
            client.close()
        assert processes.end_adopted(pid) == 0
        assert not (room / "x.pid").exists() and not (room / "x.control").exists()
    finally:
        end(pid)
        processes.ours.discard(pid)


def test_a_service_of_the_command_line(room):
    arguments = ["--listen", "127.0.0.1:0", "--listen", f"unix:{room}/x.sock", "--", "/bin/cat"]
    with superd_under_test.Superd(room, arguments) as daemon:
        daemon.wait_ready()
        port = daemon.port("cat")
        with connect(port) as client:
            client.sendall(b"before")
            assert client.recv(100) == b"before"
            upgrade(daemon)
            client.sendall(b"after")
            assert client.recv(100) == b"after"
        assert ask(port, b"x") == ask(f"{room}/x.sock", b"x") == b"x"


def test_a_log_file_goes_on(superd, room):
    lines = superd_under_test.Log(room / "lines")
    daemon = superd_under_test.launch(room, {"x": ECHO}, {"log": {"to": str(lines.path)}})
    with daemon:
        lines.wait_for("superd: ready")
        upgrade(daemon)
        lines.wait_for("superd: ready", 2)
        upgrade(daemon)
        lines.wait_for("superd: ready", 3)
        ask(int(lines.find("listening on 127.0.0.1:(.*)")[0][1]))
        lines.wait_for("service 'x': ended .* exit=0")


def test_as_an_ordinary_user(superd, another_user, reachable_superd, room):
    room.chmod(0o777)
    daemon = superd({"x": ECHO}, prefix=another_user, binary=reachable_superd)
    with connect(daemon.port("x")) as client:
        client.sendall(b"before")
        assert client.recv(100) == b"before"
        upgrade(daemon)
        client.sendall(b"after")
        assert client.recv(100) == b"after"


def test_the_limit_of_descriptors_of_handlers_is_the_one_at_the_start(superd):
    daemon = superd({"x": shell("ulimit -n; ulimit -Hn")}, prefix=["prlimit", "--nofile=300:4000"])
    before = ask(daemon.port("x"))
    assert before == b"300\n4000\n"
    upgrade(daemon)
    upgrade(daemon)
    assert ask(daemon.port("x")) == before
