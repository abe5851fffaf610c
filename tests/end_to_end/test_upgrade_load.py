# SPDX-License-Identifier: MIT
"""Upgrades while clients connect all the time: not one of them is refused, reset or left waiting."""

import signal

import daemon as superd_under_test
from clients import connect
from patience import wait_until

UPGRADES = 5 if superd_under_test.has_sanitizer() else 20


def test_20_upgrades_under_64_clients(superd, program, crowd):
    daemon = superd({"hi": {"run": program("hi")}, "echo": {"run": "/bin/cat"}})
    with connect(daemon.port("echo")) as long:
        clients = crowd(daemon.port("hi"), b"hi\n")
        for number in range(UPGRADES):
            daemon.control.ask("upgrade")
            long.sendall(b"%d" % number)
            assert long.recv(100) == b"%d" % number
            clients.wait_for_more()
        served = clients.check()["served"]
    daemon.log.wait_for("service 'hi': ended .* exit=0", served)
    assert len(daemon.log.find("service 'hi': started ")) == served
    assert len(daemon.log.find("superd: upgraded from ")) == UPGRADES
    service = daemon.control.service("hi")
    assert (service["started"], service["running"], service["failed"]) == (served, 0, 0)
    assert service["ended"] == {"fine": served, "failed": 0, "signal": 0}
    assert not daemon.log.find("warning|error")


def test_upgrades_and_reloads_at_once(superd, program, crowd):
    daemon = superd({"hi": {"run": program("hi")}})
    clients = crowd(daemon.port("hi"), b"hi\n", clients=16)
    for number in range(UPGRADES // 2):
        daemon.write({"hi": {"run": program("hi"), "nice": number % 5}})
        daemon.signal(signal.SIGHUP)
        daemon.signal(signal.SIGUSR2)
        daemon.signal(signal.SIGHUP)
        daemon.log.wait_for("superd: upgraded from ", number + 1)
    clients.wait_for_more()
    clients.check()


def test_refused_upgrades_under_load(superd, program, crowd):
    daemon = superd({"hi": {"run": program("hi")}})
    clients = crowd(daemon.port("hi"), b"hi\n", clients=16)
    for _ in range(UPGRADES):
        daemon.control.refused("upgrade", "/bin/false")
    clients.wait_for_more()
    served = clients.check()["served"]
    wait_until(lambda: daemon.control.service("hi")["ended"]["fine"] == served, "all ends")


def test_handlers_that_end_during_an_upgrade_are_reported(superd):
    script = "echo on; read word; exit 3"
    daemon = superd({"x": {"run": ["/bin/sh", "-c", script]}})
    for number in range(UPGRADES // 2):
        clients = [connect(daemon.port("x")) for _ in range(10)]
        for client in clients:
            assert client.recv(3) == b"on\n"
        asked = daemon.control.connect()
        asked.sendall(b"upgrade\n")
        for client in clients:
            client.sendall(b"end\n")
            client.close()
        assert b'"ok":true' in asked.recv(1000)
        asked.close()
        daemon.log.wait_for("service 'x': ended .* exit=3", 10 * (number + 1))
    assert daemon.control.service("x")["running"] == 0


def test_a_unix_path_under_load(superd, program, crowd, room):
    path = f"{room}/hi.sock"
    daemon = superd({"hi": {"listen": f"unix:{path}", "run": program("hi")}})
    clients = crowd(path, b"hi\n", clients=16)
    for _ in range(UPGRADES // 2):
        daemon.control.ask("upgrade")
    clients.wait_for_more()
    clients.check()
