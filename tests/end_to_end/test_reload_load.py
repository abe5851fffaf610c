# SPDX-License-Identifier: MIT
"""Reloads while clients connect all the time: not one of them is refused, reset or left waiting."""

import os
import re
import signal
import socket

import pytest

import daemon as superd_under_test
from clients import connect, read_all
from patience import wait_until

SLOW = superd_under_test.has_sanitizer()
RELOADS = 50 if SLOW else 200


@pytest.fixture
def port(reserved_port):
    return reserved_port()


def greeter(port, word, **keys):
    """Answers with a word, and ends."""
    return {"listen": f"127.0.0.1:{port}", "run": ["/bin/echo", word], **keys}


def hi(program, port, **keys):
    return {"listen": f"127.0.0.1:{port}", "run": program("hi"), **keys}


def test_200_reloads_of_the_same_table_under_64_clients(superd, program, crowd, port):
    daemon = superd({"hi": hi(program, port)})
    clients = crowd(port, b"hi\n")
    for number in range(RELOADS):
        reply = daemon.control.ask("reload")
        assert reply["generation"] == number + 2
        assert (reply["diff"]["kept"], reply["diff"]["opened"], reply["diff"]["closed"]) == (1, [], [])
    clients.wait_for_more()
    served = clients.check()["served"]
    daemon.log.wait_for("service 'hi': ended .* exit=0", served)
    assert len(daemon.log.find("superd: reloaded, generation")) == RELOADS
    assert daemon.control.service("hi")["ended"] == {"fine": served, "failed": 0, "signal": 0}


def test_a_port_moves_between_services_and_services_change_under_64_clients(
    superd, program, crowd, port, room
):
    other = room / "greeting"
    other.write_bytes(open(program("hi"), "rb").read())
    other.chmod(0o755)
    tables = [
        {"one": hi(program, port)},
        {"two": hi(program, port)},
        {"two": hi(program, port, timeout="10s")},
        {"two": {**hi(program, port), "run": str(other)}},
        {"two": hi(program, port, nice=3, rlimits={"nofile": 64})},
        {"one": hi(program, port), "two": {"run": "/bin/cat"}},
        {"two": hi(program, port), "one": {"run": "/bin/cat"}},
        {"two": {**hi(program, port), "listen": ["127.0.0.1:0", f"127.0.0.1:{port}"]}},
    ]
    if os.geteuid() == 0:
        tables.append({"one": hi(program, port, user="games")})
    daemon = superd(tables[0])
    clients = crowd(port, b"hi\n")
    for number in range(RELOADS // 2):
        reply = daemon.reload(tables[(number + 1) % len(tables)])
        assert f"127.0.0.1:{port}" not in str(reply["diff"]["opened"] + reply["diff"]["closed"])
    clients.wait_for_more()
    clients.check()
    assert not daemon.log.find("warning|error")


def test_the_new_program_answers_from_the_reload_on(superd, crowd, port):
    daemon = superd({"x": greeter(port, "old")})
    clients = crowd(port, b"old\n", b"new\n", clients=8)
    clients.wait_for_more()
    daemon.reload({"x": greeter(port, "new")})
    with connect(port) as client:
        assert read_all(client) == b"new\n"
    clients.wait_for_more()
    result = clients.check()
    assert result["answers"]["old\n"] > 0 and result["answers"]["new\n"] > 0


def test_a_broken_table_is_refused_in_the_words_of_check_and_the_old_one_serves(
    superd, program, crowd, port
):
    daemon = superd({"hi": hi(program, port)})
    clients = crowd(port, b"hi\n", clients=16)
    for text in ("services: [", "services: {hi: {listen: 7001, rnu: cat}}", "\0", ""):
        daemon.table_file.write_text(text)
        reply = daemon.control.refused("reload")
        checked = superd_under_test.run("--config", daemon.table_file, "--check")
        assert checked.returncode == 2
        assert (reply["status"], reply["diagnostics"]) == (2, checked.stderr)
        clients.wait_for_more()
    daemon.table_file.unlink()
    assert str(daemon.table_file) in daemon.control.refused("reload")["diagnostics"]
    clients.wait_for_more()
    clients.check()
    assert daemon.control.daemon()["generation"] == 1
    assert len(daemon.log.find("error superd: reload refused: ")) == 5


def test_a_broken_table_at_hup_is_told_in_the_log(superd, program, crowd, port):
    daemon = superd({"hi": hi(program, port)})
    clients = crowd(port, b"hi\n", clients=8)
    daemon.table_file.write_text("services:\n  hi: {listen: 7001, rnu: cat}\n")
    daemon.signal(signal.SIGHUP)
    daemon.log.wait_for("error superd: reload refused: .* the table in use serves on")
    checked = superd_under_test.run("--config", daemon.table_file, "--check")
    faults = [line for line in checked.stderr.splitlines() if line.startswith("/")]
    assert len(faults) == 2
    for fault in faults:
        daemon.log.wait_for(f"error superd: {re.escape(fault)}")
    clients.wait_for_more()
    clients.check()


def test_a_port_that_another_program_holds_changes_nothing(superd, program, crowd, port):
    daemon = superd({"hi": hi(program, port), "gone": {"run": "/bin/cat"}})
    clients = crowd(port, b"hi\n")
    with socket.create_server(("127.0.0.1", 0)) as holder:
        taken = holder.getsockname()[1]
        wanted = {"hi": hi(program, port, timeout="5s"), "new": hi(program, 0), "x": hi(program, taken)}
        for _ in range(5):
            reply = daemon.reload_refused(wanted)
            assert f"port {taken} is in use" in reply["diagnostics"]
        with connect(taken), holder.accept()[0]:
            pass
    clients.wait_for_more()
    clients.check()
    with connect(daemon.port("gone")) as client:
        client.sendall(b"still here")
        assert client.recv(100) == b"still here"
    names = [service["name"] for service in daemon.control.ask("status")["services"]]
    assert names == ["hi", "gone"] or names == ["gone", "hi"]
    assert not daemon.log.find("no longer listening")


def test_a_storm_of_hups_under_load_loses_nobody(superd, program, crowd, port):
    daemon = superd({"hi": hi(program, port)})
    clients = crowd(port, b"hi\n")
    for _ in range(300):
        daemon.signal(signal.SIGHUP)
    daemon.log.wait_for("superd: reloaded, generation")
    clients.wait_for_more()
    clients.check()
    generation = daemon.control.ask("reload")["generation"]
    assert 3 <= generation <= 302


def test_dual_stack_to_ipv4_and_back_on_the_same_port(superd, program, crowd, reserved_port):
    port = reserved_port("::")
    dual = {"hi": {"listen": str(port), "run": program("hi")}}
    v4 = {"hi": {"listen": f"0.0.0.0:{port}", "run": program("hi")}}
    daemon = superd(dual)
    clients = crowd(port, b"hi\n")
    for _ in range(RELOADS // 10):
        for wanted in (v4, dual):
            reply = daemon.reload(wanted)
            assert len(reply["diff"]["opened"]) == len(reply["diff"]["closed"]) == 1
    clients.wait_for_more()
    clients.check()


def test_a_refused_change_of_family_loses_nobody(superd, program, crowd, reserved_port):
    port = reserved_port("::")
    daemon = superd({"hi": {"listen": str(port), "run": program("hi")}})
    clients = crowd(port, b"hi\n")
    with socket.create_server(("127.0.0.1", 0)) as holder:
        taken = {"listen": f"127.0.0.1:{holder.getsockname()[1]}", "run": "/bin/cat"}
        v4 = {"hi": {"listen": f"0.0.0.0:{port}", "run": program("hi")}, "x": taken}
        for _ in range(RELOADS // 40):
            daemon.reload_refused(v4)
    clients.wait_for_more()
    clients.check()


def test_a_unix_path_stays_under_load(superd, program, crowd, room):
    path = f"{room}/hi.sock"
    tables = [
        {name: {"listen": {"address": f"unix:{path}", "mode": mode}, "run": program("hi")}}
        for name, mode in (("one", "0666"), ("two", "0777"))
    ]
    daemon = superd(tables[0])
    clients = crowd(path, b"hi\n", clients=16)
    for number in range(RELOADS // 4):
        daemon.reload(tables[(number + 1) % 2])
    clients.wait_for_more()
    clients.check()


def test_descriptors_and_memory_are_those_of_before(superd, program, crowd, port):
    daemon = superd({"hi": hi(program, port)})
    clients = crowd(port, b"hi\n", clients=8)
    daemon.control.ask("reload")
    clients.wait_for_more()
    clients.check()
    wait_until(lambda: not daemon.control.connections(), "the end of all connections")
    before = daemon.control.daemon()["descriptors"]
    for number in range(RELOADS // 4):
        daemon.reload({"hi": hi(program, port, timeout=f"{number + 1}s"), f"s{number}": hi(program, 0)})
    daemon.reload({"hi": hi(program, port)})
    with connect(port) as client:  # opens the service's log pipe
        read_all(client)
    wait_until(lambda: daemon.control.daemon()["descriptors"] == before, "no more descriptors")
