# SPDX-License-Identifier: MIT
"""superd under a service manager: what it tells it, and sockets that outlive a superd that is killed."""

import contextlib
import os
import signal
import socket
import time

import pytest

import daemon as superd_under_test
import processes
from clients import ask, connect, read_all, read_line, refuses
from notify import Manager
from patience import wait_until

ECHO = {"run": "/bin/cat"}
HOLDS = ["/bin/sh", "-c", 'echo $$; read word; echo "answer to $word"']


@pytest.fixture
def manager(room):
    with Manager(room / "notify") as notify:
        yield notify


@pytest.fixture
def start(room, manager):
    """superd under the manager, ended and checked after the test."""
    with contextlib.ExitStack() as running:

        def begin(services, settings=None, **options):
            instance = manager.start(room, services, settings, **options)
            return running.enter_context(instance).wait_ready()

        yield begin


def test_ready_and_what_it_does(start, manager):
    daemon = start({"x": ECHO, "y": ECHO})
    (ready,) = manager.wait_for("READY=1")
    assert "STATUS=serving, 2 services, 2 listeners, 0 connections" in ready
    daemon.stop()
    (stopping,) = manager.wait_for("STOPPING=1")
    assert any(line.startswith("EXTEND_TIMEOUT_USEC=") for line in stopping)


def test_a_reload_is_told_from_its_beginning_to_its_end(start, manager):
    daemon = start({"x": ECHO})
    manager.wait_for("READY=1")
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    daemon.signal(signal.SIGHUP)
    (reloading,) = manager.wait_for("RELOADING=1")
    (since,) = [line for line in reloading if line.startswith("MONOTONIC_USEC=")]
    assert before <= int(since.split("=")[1]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    manager.wait_for("READY=1", 2)
    daemon.table_file.write_text("broken: [")
    daemon.control.refused("reload")
    manager.wait_for("RELOADING=1", 2)
    manager.wait_for("READY=1", 3)


def test_a_watchdog_is_kept_quiet(start, manager):
    start({"x": ECHO}, environment={"WATCHDOG_USEC": "200000"})
    manager.wait_for("WATCHDOG=1", 3)


def test_a_watchdog_for_another_process_is_not(superd, manager):
    environment = manager.environment(WATCHDOG_USEC="20000", WATCHDOG_PID="1")
    daemon = superd({"x": ECHO}, environment=environment)
    manager.wait_for("READY=1")
    daemon.control.ask("reload")
    manager.wait_for("READY=1", 2)
    daemon.stop()
    assert not manager.told("WATCHDOG=1")


def test_without_a_manager_nothing_is_said(superd):
    daemon = superd({"x": ECHO})
    daemon.control.ask("reload")
    daemon.stop()
    assert not daemon.log.find("manager|descriptor store|warning")


def test_a_manager_that_is_gone_is_told_once_and_hurts_nobody(start, manager):
    daemon = start({"x": ECHO})
    manager.wait_for("READY=1")
    manager.go()
    for _ in range(3):
        daemon.control.ask("reload")
    daemon.log.wait_for("warning superd: service manager: ")
    assert len(daemon.log.find("warning superd: service manager: ")) == 1
    assert ask(daemon.port("x"), b"x") == b"x"
    daemon.stop()


def test_the_main_pid_of_a_daemon(room, manager):
    (room / "x.yaml").write_text(
        superd_under_test.table({"x": ECHO}, {"log": {"to": f"{room}/log"}})
    )
    arguments = ["--config", room / "x.yaml", "--pidfile", room / "x.pid", "--daemonize"]
    environment = {**os.environ, **manager.environment()}
    ended = superd_under_test.run(*arguments, env=environment)
    assert (ended.returncode, ended.stderr) == (0, "")
    pid = int((room / "x.pid").read_text())
    processes.ours.add(pid)
    try:
        manager.wait_for(f"MAINPID={pid}")
        manager.wait_for("READY=1")
        assert processes.end_adopted(pid) == 0
    finally:
        processes.end(pid)
        processes.ours.discard(pid)


def test_an_upgrade_is_a_reload_to_the_manager_and_the_store_stays(start, manager):
    daemon = start({"x": ECHO})
    manager.wait_for("READY=1")
    names = set(manager.store)
    assert len(names) == 1
    daemon.control.ask("upgrade")
    manager.wait_for("READY=1", 3)
    assert set(manager.store) == names
    assert not manager.told("STOPPING=1") and not manager.told("FDSTOREREMOVE=1")
    assert ask(daemon.port("x"), b"x") == b"x"


def test_the_store_follows_the_table(start, manager, room):
    two = {"x": ECHO, "y": {**ECHO, "listen": f"unix:{room}/y.sock"}}
    daemon = start(two)
    wait_until(lambda: len(manager.store) == 2, "two sockets in the store")
    daemon.reload({"x": ECHO})
    wait_until(lambda: len(manager.store) == 1, "one socket in the store")
    daemon.reload(two)
    wait_until(lambda: len(manager.store) == 2, "two sockets in the store again")


def test_killed_and_started_anew_under_load_nobody_is_refused(
    start, manager, program, crowd, reserved_port
):
    port = reserved_port()
    services = {"hi": {"listen": f"127.0.0.1:{port}", "run": program("hi")}}
    daemon = start(services)
    clients = crowd(port, b"hi\n", clients=32)
    for number in range(5):
        clients.wait_for_more()
        daemon.kill()
        daemon = start(services, name=f"next{number}")
    clients.wait_for_more()
    result = clients.end()
    # Only what superd had accepted and not yet handed to a handler at that moment is lost.
    assert set(result["faults"]) <= {"answer: "}, result
    assert result["failed"] <= 5 * 4 and result["served"] > 5 * 32, result


def test_whoever_knocks_while_there_is_no_superd_waits(
    start, manager, room, program, reserved_port
):
    targets = [reserved_port(), f"{room}/x.sock", f"@{room.name}"]
    listen = [f"127.0.0.1:{targets[0]}", f"unix:{targets[1]}", f"unix:{targets[2]}"]
    services = {"hi": {"listen": listen, "run": program("hi")}}
    daemon = start(services)
    wait_until(lambda: len(manager.store) == 3, "the sockets in the store")
    daemon.kill()
    clients = [connect(target) for target in targets for _ in range(20)]
    start(services, name="next")
    for client in clients:
        assert read_all(client) == b"hi\n"
        client.close()


def test_at_an_ordinary_end_the_sockets_stay_with_the_manager(
    start, manager, room, program, reserved_port
):
    targets = [reserved_port(), f"{room}/x.sock"]
    listen = [f"127.0.0.1:{targets[0]}", f"unix:{targets[1]}"]
    services = {"hi": {"listen": listen, "run": program("hi")}}
    daemon = start(services)
    wait_until(lambda: len(manager.store) == 2, "the sockets in the store")
    daemon.stop()
    clients = [connect(target) for target in targets]
    start(services, name="next")
    for client in clients:
        assert read_all(client) == b"hi\n"
        client.close()


def test_sockets_that_nobody_claims_are_named_and_closed(start, manager, reserved_port):
    reserved = reserved_port()
    echo = {**ECHO, "listen": f"127.0.0.1:{reserved}"}
    daemon = start({"x": echo, "y": {**ECHO, "listen": "[::1]:0"}})
    port = daemon.port("y")
    wait_until(lambda: len(manager.store) == 2, "the sockets in the store")
    daemon.kill()
    daemon = start({"x": echo}, name="next")
    daemon.log.wait_for(rf"superd: warning: no service listens on \[::1\]:{port}: the inherited .* is closed")
    wait_until(lambda: len(manager.store) == 1, "the store without it")
    assert refuses(("::1", port))


def test_inherited_things_that_are_no_listeners(start, manager, room):
    tcp, datagram, listening = socket.socket(), socket.socket(type=socket.SOCK_DGRAM), socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    port = listening.getsockname()[1]
    file = open(room / "file", "wb")
    for number, one in enumerate((tcp, file, datagram, listening)):
        manager.keep(f"thing{number}", one.fileno())
    daemon = start({"x": {**ECHO, "listen": f"127.0.0.1:{port}"}})
    for number in range(3):
        daemon.log.wait_for(f"warning: the inherited socket 'thing{number}' isn't used: ")
    assert ask(port, b"x") == b"x"
    for one in (tcp, file, datagram, listening):
        one.close()


@pytest.mark.parametrize(
    "variables",
    [
        {"LISTEN_FDS": "x", "LISTEN_PID": "$$"},
        {"LISTEN_FDS": "-1", "LISTEN_PID": "$$"},
        {"LISTEN_FDS": "3", "LISTEN_PID": "1"},
        {"LISTEN_FDS": "2", "LISTEN_PID": "$$"},
        {"LISTEN_FDS": "99999999999", "LISTEN_PID": "$$"},
        {"LISTEN_FDS": "1", "LISTEN_PID": "garbage"},
        {"LISTEN_FDS": "0", "LISTEN_PID": "$$", "LISTEN_FDNAMES": "a:b:c"},
    ],
    ids=lambda variables: " ".join(variables.values()),
)
def test_listen_fds_with_garbage(superd, variables):
    exports = " ".join(f"{name}={value}" for name, value in variables.items())
    prefix = ["/bin/bash", "-c", f'export {exports}; exec "$@"', "bash"]
    daemon = superd({"x": {"run": ["/bin/sh", "-c", "cat; env"]}}, prefix=prefix)
    answer = ask(daemon.port("x"), b"x\n")
    assert answer.startswith(b"x\n") and b"LISTEN_" not in answer


def test_handlers_of_a_superd_that_was_killed_finish(start, manager):
    services = {"x": {"run": HOLDS}}
    daemon = start(services)
    clients = [connect(daemon.port("x")) for _ in range(10)]
    pids = [int(read_line(client)) for client in clients]
    for pid in pids:
        processes.ours.add(pid)
    daemon.kill()
    start(services, name="next")
    for number, client in enumerate(clients):
        client.sendall(b"%d\n" % number)
        assert read_all(client) == b"answer to %d\n" % number
        client.close()
    for pid in pids:
        processes.wait_gone(pid)
        processes.ours.discard(pid)


def test_without_a_manager_the_next_superd_takes_the_ports_though_handlers_run(superd, reserved_port):
    services = {"x": {"listen": f"127.0.0.1:{reserved_port()}", "run": HOLDS}}
    daemon = superd(services)
    client = connect(daemon.port("x"))
    pid = int(read_line(client))
    processes.ours.add(pid)
    daemon.kill()
    again = superd(services, name="next")
    with connect(again.port("x")) as other:
        assert int(read_line(other)) != pid
        other.sendall(b"other\n")
        assert read_all(other) == b"answer to other\n"
    client.sendall(b"one\n")
    assert read_all(client) == b"answer to one\n"
    client.close()
    processes.wait_gone(pid)
    processes.ours.discard(pid)
