# SPDX-License-Identifier: MIT
"""Several programs at one set of sockets: as many as are needed, never more than allowed."""

import contextlib
import signal
import socket

import pytest

from clients import connect, read_line
from patience import DEADLINE, wait_until
from processes import is_alive


def pool(program, most, listen="127.0.0.1:0", **keys):
    return {"listen": listen, "activate": program("take_one"), "limits": {"instances": most}, **keys}


@contextlib.contextmanager
def clients_of(place, count):
    """So many that are connected at once, and stay."""
    with contextlib.ExitStack() as all_of_them:
        yield [all_of_them.enter_context(connect(place)) for _ in range(count)]


def pid_of(client):
    return int(read_line(client))


def running(daemon, service="x"):
    return daemon.control.service(service)["running"]


def starts(daemon, service="x"):
    return len(daemon.log.find(f"service '{service}': started"))


def place_of(daemon, listen):
    return listen.removeprefix("unix:") if listen.startswith("unix") else daemon.port("x")


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "unix:{room}/x.sock", "mptcp:127.0.0.1:0"])
def test_each_slow_client_gets_a_program(superd, program, room, listen):
    listen = listen.format(room=room)
    if listen.startswith("mptcp"):
        try:
            socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).close()
        except OSError:
            pytest.skip("this kernel has no MPTCP")
    daemon = superd({"x": pool(program, 8, listen)})
    with clients_of(place_of(daemon, listen), 5) as clients:
        pids = {pid_of(client) for client in clients}
        assert len(pids) == 5
        for client in clients:
            client.sendall(b"still")
            assert client.recv(10) == b"still"
    assert 5 <= starts(daemon) <= 8


def test_there_are_never_more_than_allowed(superd, program):
    daemon = superd({"x": pool(program, 3)})
    with clients_of(daemon.port("x"), 5) as clients:
        pids = [pid_of(client) for client in clients[:3]]
        assert len(set(pids)) == 3
        clients[0].close()
        assert pid_of(clients[3]) == pids[0]  # it was free again, and who waits goes on to wait
        assert running(daemon) == 3
        clients[1].close()
        assert pid_of(clients[4]) == pids[1]
    assert starts(daemon) == 3


def test_one_that_ends_is_replaced_while_somebody_waits(superd, program):
    daemon = superd({"x": pool(program, 2)})
    with clients_of(daemon.port("x"), 3) as clients:
        pids = [pid_of(client) for client in clients[:2]]
        daemon.control.ask("stop", str(pids[0]))
        assert pid_of(clients[2]) not in pids
        clients[1].sendall(b"still")
        assert clients[1].recv(10) == b"still"


def test_a_burst_of_datagrams_starts_no_more_programs_than_it_needs(superd, program):
    take_one = [program("take_datagrams"), "1", "20"]
    daemon = superd({"x": {"listen": "udp:127.0.0.1:0", "activate": take_one, "limits": {"instances": 4}}})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(DEADLINE)
        client.connect(("127.0.0.1", daemon.port("x")))
        for burst in range(4):
            sent = {b"%d-%d" % (burst, n) for n in range(5)}
            for text in sent:
                client.send(text)
            assert {client.recv(100) for _ in sent} == sent
    # Each that ends has answered one; the rest are there and wait.
    assert starts(daemon) <= 20 + 4


def test_datagrams_that_nobody_takes_get_a_program(superd, program):
    daemon = superd({"x": pool(program, 3, "udp:127.0.0.1:0")})
    with contextlib.ExitStack() as opened:
        clients = []
        for _ in range(4):
            client = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            client.settimeout(DEADLINE)
            client.connect(("127.0.0.1", daemon.port("x")))
            client.send(b"who?")
            clients.append(client)
        pids = [int(client.recv(100)) for client in clients[:3]]
        assert len(set(pids)) == 3 and running(daemon) == 3
        daemon.control.ask("stop", str(pids[0]))
        assert int(clients[3].recv(100)) not in pids
    daemon.control.ask("stop", "x")


def test_who_may_not_send_gets_no_further_program(superd, program):
    daemon = superd({"x": pool(program, 3, "udp:127.0.0.1:0", deny=["127.0.0.66"])})

    def sender(source):
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        client.settimeout(DEADLINE)
        client.bind((source, 0))
        client.connect(("127.0.0.1", daemon.port("x")))
        client.send(b"who?")
        return client

    with sender("127.0.0.1") as friend:
        first = int(friend.recv(100))
        with sender("127.0.0.66"), sender("127.0.0.1") as another:
            looked = daemon.control.service("x")["running"]
            daemon.control.ask("stop", str(first))
            # Nobody runs any more: the stranger's is dropped, the friend's answered.
            assert int(another.recv(100)) != first
        assert looked == 1
    wait_until(lambda: daemon.control.service("x")["refused"] == {"address": 1}, "the refusal")
    daemon.control.ask("stop", "x")


def test_a_reload_allows_more(superd, program, reserved_port):
    port = reserved_port()
    daemon = superd({"x": pool(program, 1, f"127.0.0.1:{port}")})
    with clients_of(port, 3) as clients:
        pids = {pid_of(clients[0])}
        daemon.reload({"x": pool(program, 3, f"127.0.0.1:{port}")})
        pids |= {pid_of(client) for client in clients[1:]}
        assert len(pids) == 3
    daemon.control.ask("set", "x", "limits.instances", "2")
    with clients_of(port, 3) as clients:
        assert {pid_of(client) for client in clients} <= pids  # those that run stay


def test_all_are_stopped_once_nobody_is_connected(superd, program):
    daemon = superd({"x": pool(program, 3, stop_after="1s")})
    with clients_of(daemon.port("x"), 3) as clients:
        pids = [pid_of(client) for client in clients]
        clients[0].close()
        clients[1].close()
        wait_until(lambda: daemon.control.connections()[0]["age_ms"] > 3000, "time to pass")
        assert all(is_alive(pid) for pid in pids)
    daemon.log.wait_for("service 'x': ended .* stopped=idle", 3)
    with clients_of(daemon.port("x"), 1) as (client,):
        assert pid_of(client) not in pids


def test_an_upgrade_keeps_them_all(superd, program):
    daemon = superd({"x": pool(program, 3, stop_after="1s")})
    with clients_of(daemon.port("x"), 4) as clients:
        pids = {pid_of(client) for client in clients[:3]}
        assert len(pids) == 3
        daemon.control.ask("upgrade")
        for client in clients[:3]:
            client.sendall(b"still")
            assert client.recv(10) == b"still"
        assert {one["pid"] for one in daemon.control.connections()} == pids
        clients[0].close()
        assert pid_of(clients[3]) in pids
    daemon.log.wait_for("service 'x': ended .* stopped=idle", 3)
    assert starts(daemon) == 3


def test_the_next_superd_starts_more(superd, program):
    daemon = superd({"x": pool(program, 4)})
    with clients_of(daemon.port("x"), 2) as clients:
        pids = {pid_of(client) for client in clients}
        daemon.control.ask("upgrade")
        with clients_of(daemon.port("x"), 2) as further:
            pids |= {pid_of(client) for client in further}
    assert len(pids) == 4


def test_a_removed_service_lets_all_its_clients_go_first(superd, program):
    daemon = superd({"x": pool(program, 3)})
    with clients_of(daemon.port("x"), 3) as clients:
        for client in clients:
            pid_of(client)
        daemon.reload({"y": {"listen": "127.0.0.1:0", "run": "/bin/cat"}})
        for client in clients:
            client.sendall(b"still")
            assert client.recv(10) == b"still"
    daemon.log.wait_for("service 'x': ended .* stopped=idle", 3)


def test_draining_stops_all_once_nobody_is_connected(superd, program):
    daemon = superd({"x": pool(program, 3)})
    with clients_of(daemon.port("x"), 3) as clients:
        pids = [pid_of(client) for client in clients]
        daemon.signal(signal.SIGTERM)
        daemon.log.wait_for("superd: draining")
        clients[2].sendall(b"still")
        assert clients[2].recv(10) == b"still"
    assert daemon.wait_end() == 0
    assert not any(is_alive(pid) for pid in pids)


@pytest.mark.parametrize("verdict", ["true", "false"])
def test_programs_that_take_nothing_are_no_loop(superd, verdict):
    daemon = superd({"x": {"listen": "127.0.0.1:0", "activate": f"/bin/{verdict}", "limits": {"instances": 3}}})
    with connect(daemon.port("x")):
        daemon.log.wait_for("service 'x': its program ends at once without taking what waits")
        daemon.log.wait_for("service 'x': started", 6)
    assert len(daemon.log.find("without taking what waits")) == 1
    assert starts(daemon) < 30


def switches(pid):
    """How often a process has gone to sleep."""
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt"))


def test_nobody_looks_all_the_time(superd):
    daemon = superd({"x": {"listen": "127.0.0.1:0", "activate": "/bin/sleep 600", "limits": {"instances": 3}}})
    with connect(daemon.port("x")):
        daemon.log.wait_for("service 'x': started", 3)
        before = switches(daemon.pid)
        begin = daemon.control.connections()[0]["age_ms"]
        wait_until(lambda: daemon.control.connections()[0]["age_ms"] > begin + 1000, "a second")
        assert switches(daemon.pid) - before < 1000
    assert starts(daemon) == 3
