# SPDX-License-Identifier: MIT
"""forward: bytes go on to an upstream and back, through superd-relay, whatever either side does."""

import contextlib
import hashlib
import os
import signal
import socket
import threading
import time

import pytest

import upstreams
from clients import ask, connect, read_all, read_line, reset
from patience import wait_until
from processes import is_alive, status_of, wait_gone
from upstreams import Upstream

END = r"service 'x': forwarded .* end={} "


@pytest.fixture
def upstream():
    """upstream(answer): a server behind `forward`, gone after the test."""
    with contextlib.ExitStack() as ends:

        def start(answer=upstreams.echo, path=None):
            one = Upstream(answer, path)
            ends.callback(one.close)
            return one

        yield start


def relay_of(daemon):
    """The pid of the relay, as `ps` tells it."""
    return wait_until(
        lambda: next((one["pid"] for one in daemon.control.connections() if one["pid"]), None),
        "a relay",
    )


def held(daemon, data=b"hello", service="x"):
    """A connection that has been answered."""
    client = connect(daemon.port(service))
    client.sendall(data)
    assert client.recv(100) == data
    return client


# ---- what it is for


@pytest.mark.parametrize("inside", ["tcp", "unix"])
@pytest.mark.parametrize("outside", ["tcp", "unix"])
def test_bytes_go_both_ways_and_are_counted(superd, upstream, room, inside, outside):
    path = room / "listen.sock"
    listen = f"unix:{path}" if outside == "unix" else "127.0.0.1:0"
    behind = upstream(path=room / "up.sock" if inside == "unix" else None)
    daemon = superd({"x": {"listen": listen, "forward": behind.address}})
    target = str(path) if outside == "unix" else daemon.port("x")
    data = os.urandom(3_000_000)
    with connect(target) as client:
        sender = threading.Thread(target=lambda: (client.sendall(data), client.shutdown(1)))
        sender.start()
        answer = read_all(client)
        sender.join()
    assert hashlib.sha256(answer).digest() == hashlib.sha256(data).digest()
    found = daemon.log.event("x", "forwarded")
    assert found["to"] == behind.address and found["end"] == "closed"
    assert found["in"] == found["out"] == "3000000"


def test_the_relay_has_no_power(superd, upstream, as_root):
    daemon = superd({"x": {"forward": upstream().address}})
    with held(daemon):
        relay = relay_of(daemon)
        assert status_of(relay, "Uid").split() == ["65534"] * 4
        assert status_of(relay, "Groups") in ("", "65534")
        assert status_of(relay, "CapEff").strip("0") == status_of(relay, "CapPrm").strip("0") == ""
        assert status_of(relay, "CapBnd") is not None
        assert status_of(relay, "NoNewPrivs") == "1"
        if not daemon.log.path.exists() or not has_sanitizer():
            assert status_of(relay, "Seccomp") == "2"


def has_sanitizer():
    import daemon as superd_under_test

    return superd_under_test.has_sanitizer()


def test_half_close_both_ways(superd, upstream):
    counting = upstream(upstreams.read_to_the_end_then_answer)
    early = upstream(upstreams.say_end_and_go_on_listening)
    daemon = superd({"x": {"forward": counting.address}, "early": {"forward": early.address}})
    assert ask(daemon.port("x"), b"x" * 200_000) == b"200000"
    with connect(daemon.port("early")) as client:
        assert read_all(client) == b"that is all"
        client.sendall(b"and yet")
        client.shutdown(socket.SHUT_WR)
        found = daemon.log.event("early", "forwarded")
        assert (found["in"], found["out"], found["end"]) == ("7", "11", "closed")


def test_an_upstream_that_speaks_first(superd, upstream):
    daemon = superd({"x": {"forward": upstream(upstreams.greet_then_echo).address}})
    with connect(daemon.port("x")) as client:
        assert read_line(client) == b"welcome\n"


def test_the_first_of_a_list_that_answers(superd, upstream, room):
    gone = upstream()
    gone.close()
    behind = upstream()
    to = [gone.address, f"unix:{room}/missing", behind.address]
    daemon = superd({"x": {"forward": to}})
    assert ask(daemon.port("x"), b"hi") == b"hi"
    assert daemon.log.event("x", "forwarded")["to"] == behind.address


def test_a_host_by_its_name(superd, upstream):
    behind = upstream()
    daemon = superd({"x": {"forward": f"localhost:{behind.port}"}})
    assert ask(daemon.port("x"), b"hi") == b"hi"
    assert daemon.log.event("x", "forwarded")["to"].endswith(f":{behind.port}")


def test_a_name_that_nobody_has_is_an_upstream_that_does_not_answer(superd, upstream):
    behind = upstream()
    daemon = superd({"x": {"forward": {"to": ["no-such-host.invalid:1", behind.address]}}})
    assert ask(daemon.port("x"), b"hi") == b"hi"


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_proxy_headers(superd, upstream, version):
    seen = []

    def take(connection):
        data = b""
        while chunk := connection.recv(1000):
            data += chunk
        seen.append(data)
        connection.sendall(b"ok")

    daemon = superd({"x": {"forward": {"to": upstream(take).address, "proxy_protocol": version}}})
    with connect(daemon.port("x")) as client:
        own = client.getsockname()[1]
        client.sendall(b"body")
        client.shutdown(socket.SHUT_WR)
        assert read_all(client) == b"ok"
    port = daemon.port("x")
    if version == "v1":
        header = b"PROXY TCP4 127.0.0.1 127.0.0.1 %d %d\r\n" % (own, port)
    else:
        header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + b"\x7f\0\0\1" * 2
        header += own.to_bytes(2, "big") + port.to_bytes(2, "big")
    assert seen == [header + b"body"]
    assert daemon.log.event("x", "forwarded")["in"] == "4"


def test_admission_is_as_for_any_service(superd, upstream):
    keys = {"forward": upstream().address, "limits": {"instances": 1}}
    daemon = superd({"x": keys, "closed": {"forward": "127.0.0.1:1", "deny": ["127.0.0.1"]}})
    assert ask(daemon.port("closed")) == b""
    with held(daemon):
        assert daemon.control.service("x")["running"] == 1
        assert ask(daemon.port("x")) == b""
        daemon.log.wait_for("service 'x': refused .*instances")
    daemon.log.wait_for(END.format("closed"))
    assert daemon.control.service("x")["running"] == 0
    assert ask(daemon.port("x"), b"again") == b"again"


# ---- upstreams and clients that do what they like


def test_an_upstream_that_refuses(superd, upstream):
    gone = upstream()
    gone.close()
    daemon = superd({"x": {"forward": gone.address}})
    with connect(daemon.port("x")) as client:
        with contextlib.suppress(ConnectionResetError):
            assert client.recv(1) == b""
    daemon.log.wait_for(END.format("no-upstream") + ".*error='Connection refused'")
    assert daemon.control.service("x")["ended"] == {"fine": 0, "failed": 1, "signal": 0}


def test_an_upstream_that_hangs(superd):
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        with contextlib.ExitStack() as waiting:
            for _ in range(4):  # until its backlog takes no more
                one = waiting.enter_context(socket.socket())
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            keys = {"to": f"127.0.0.1:{full.getsockname()[1]}", "connect_timeout": "100ms"}
            daemon = superd({"x": {"forward": keys}})
            with connect(daemon.port("x")) as client:
                with contextlib.suppress(ConnectionResetError):
                    assert client.recv(1) == b""
            daemon.log.wait_for(END.format("no-upstream") + ".*error='Connection timed out'")


def test_an_upstream_that_resets(superd, upstream):
    daemon = superd({"x": {"forward": upstream(upstreams.break_off).address}})
    with connect(daemon.port("x")) as client:
        client.sendall(b"x")
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    daemon.log.wait_for(END.format("upstream-reset"))


def test_a_client_that_resets(superd, upstream):
    ends = []

    def notice(connection):
        connection.sendall(b"ready")
        try:
            while connection.recv(100):
                pass
            ends.append("end")
        except ConnectionResetError:
            ends.append("reset")

    daemon = superd({"x": {"forward": upstream(notice).address}})
    client = connect(daemon.port("x"))
    assert client.recv(5) == b"ready"
    reset(client)
    daemon.log.wait_for(END.format("client-reset"))
    wait_until(lambda: ends == ["reset"], "the upstream's end")


def test_a_client_that_never_reads_holds_up_only_itself(superd, upstream):
    sent = []

    def pour(connection):
        while True:
            sent.append(connection.send(bytes(1 << 16)))

    daemon = superd({"x": {"forward": upstream(pour).address}, "y": {"forward": upstream().address}})
    with connect(daemon.port("x")):
        def has_stopped():
            before = len(sent)
            time.sleep(0.2)
            return before and len(sent) == before
        wait_until(has_stopped, "back-pressure")
        assert sum(sent) < 64 << 20
        assert ask(daemon.port("y"), b"hi") == b"hi"
        assert daemon.control.service("x")["running"] == 1


def test_a_client_that_says_a_byte_at_a_time(superd, upstream):
    keys = {"to": upstream().address, "idle_timeout": "1h"}
    daemon = superd({"x": {"forward": keys}})
    with connect(daemon.port("x")) as client:
        for number in range(50):
            client.sendall(bytes([number]))
            assert client.recv(1) == bytes([number])


def test_an_idle_connection_ends(superd, upstream):
    daemon = superd({"x": {"forward": {"to": upstream().address, "idle_timeout": "100ms"}}})
    with held(daemon) as client:
        assert read_all(client) == b""
    daemon.log.wait_for(END.format("idle"))


# ---- the relay


def test_a_relay_that_is_killed_takes_its_connections_along_and_no_others(superd, upstream):
    behind = upstream().address
    daemon = superd({"x": {"forward": behind}, "y": {"forward": behind}})
    with held(daemon) as lost, held(daemon, service="y") as other:
        pids = {one["service"]: one["pid"] for one in daemon.control.connections()}
        assert pids["x"] != pids["y"]
        os.kill(pids["x"], signal.SIGKILL)
        with contextlib.suppress(ConnectionResetError):
            assert lost.recv(1) == b""
        daemon.log.wait_for("service 'x': superd-relay ended by signal KILL; 1 connection ended")
        daemon.log.wait_for(END.format("relay-died"))
        assert ask(daemon.port("x"), b"next") == b"next"
        other.sendall(b"on")
        assert other.recv(2) == b"on"


def test_a_relay_that_is_killed_again_and_again(superd, upstream, crowd):
    daemon = superd({"x": {"forward": upstream().address}})
    stop = threading.Event()
    answers = []

    def visit():
        while not stop.is_set():
            with contextlib.suppress(OSError):
                answers.append(ask(daemon.port("x"), b"hi"))

    visitors = [threading.Thread(target=visit) for _ in range(8)]
    for one in visitors:
        one.start()
    killed = set()

    def kill_another():
        for one in daemon.control.connections():
            if one["pid"] and one["pid"] not in killed and is_alive(one["pid"]):
                killed.add(one["pid"])
                os.kill(one["pid"], signal.SIGKILL)
        return len(killed) >= 5

    wait_until(kill_another, "relays to kill")
    stop.set()
    for one in visitors:
        one.join()
    assert set(answers) <= {b"hi", b"h", b""}
    assert ask(daemon.port("x"), b"last") == b"last"
    wait_until(lambda: daemon.control.service("x")["running"] == 0, "the end of all")


def test_a_relay_that_is_stopped_goes_on_where_it_was(superd, upstream):
    daemon = superd({"x": {"forward": upstream().address}})
    with held(daemon) as client:
        relay = relay_of(daemon)
        os.kill(relay, signal.SIGSTOP)
        client.sendall(b"later")
        with connect(daemon.port("x")) as another:
            another.sendall(b"also")
            os.kill(relay, signal.SIGCONT)
            assert client.recv(5) == b"later"
            assert another.recv(4) == b"also"


def test_a_relay_that_stays_stopped_is_replaced(superd, upstream):
    daemon = superd({"x": {"forward": upstream().address}})
    with held(daemon):
        relay = relay_of(daemon)
        os.kill(relay, signal.SIGSTOP)
        with connect(daemon.port("x")) as lost:
            lost.sendall(b"x")
            daemon.log.wait_for("superd-relay was ended: it took no connection for long; 2 conn")
            wait_gone(relay)
    assert ask(daemon.port("x"), b"next") == b"next"


def test_more_than_a_stopped_relay_is_sent_at_once_wait_for_it(superd, upstream):
    daemon = superd({"x": {"forward": upstream().address}})
    with held(daemon), contextlib.ExitStack() as all_of_them:
        relay = relay_of(daemon)
        os.kill(relay, signal.SIGSTOP)
        clients = [all_of_them.enter_context(connect(daemon.port("x"))) for _ in range(700)]
        wait_until(lambda: daemon.control.service("x")["running"] >= 0 and
                   len(daemon.control.connections()) == 701, "all of them")
        states = {one["state"] for one in daemon.control.connections()}
        assert states == {"forwarding", "waiting"}
        os.kill(relay, signal.SIGCONT)
        for client in clients:
            client.sendall(b"x")
            assert client.recv(1) == b"x"


def test_without_its_program_the_log_says_why(superd, upstream, room):
    import shutil

    import daemon as superd_under_test

    alone = room / "alone"
    alone.mkdir()
    shutil.copy(superd_under_test.BINARY, alone / "superd")
    daemon = superd({"x": {"forward": upstream().address}}, binary=alone / "superd")
    with contextlib.suppress(ConnectionResetError):
        assert ask(daemon.port("x")) == b""
    daemon.log.wait_for("superd-relay could not be started: step 'exec' failed: No such file")
    daemon.log.wait_for(END.format("relay-died"))


def test_many_at_once_in_one_relay(superd, upstream):
    daemon = superd({"x": {"forward": upstream().address}})
    with contextlib.ExitStack() as all_of_them:
        clients = [all_of_them.enter_context(connect(daemon.port("x"))) for _ in range(500)]
        for number, client in enumerate(clients):
            client.sendall(b"%d" % number)
        for number, client in enumerate(clients):
            assert client.recv(10) == b"%d" % number
        assert len({one["pid"] for one in daemon.control.connections()}) == 1
    daemon.log.wait_for(END.format("closed"), 500)


# ---- change


def test_stop_ends_connections_and_not_the_relay(superd, upstream):
    daemon = superd({"x": {"forward": upstream().address}})
    with held(daemon) as client:
        relay = relay_of(daemon)
        assert daemon.control.ask("stop", "x")["stopped"] == 1
        assert read_all(client) == b""
        daemon.log.wait_for(END.format("stopped") + ".*stopped=administrator")
        assert is_alive(relay)


def test_a_reload_keeps_connections_and_new_ones_go_elsewhere(superd, upstream):
    first, second = upstream(), upstream(upstreams.greet_then_echo)
    daemon = superd({"x": {"forward": first.address}})
    with held(daemon) as client:
        daemon.reload({"x": {"forward": second.address}})
        with connect(daemon.port("x")) as another:
            assert read_line(another) == b"welcome\n"
        client.sendall(b"on")
        assert client.recv(2) == b"on"
        daemon.reload({"y": {"run": "/bin/cat"}})
        client.sendall(b"and on")
        assert client.recv(6) == b"and on"
    daemon.log.wait_for(END.format("closed"), 2)


def test_an_upgrade_keeps_connections_and_the_relay(superd, upstream):
    daemon = superd({"x": {"forward": upstream().address}})
    with held(daemon) as client:
        relay = relay_of(daemon)
        for word in (b"once", b"twice"):
            daemon.control.ask("upgrade")
            client.sendall(word)
            assert client.recv(10) == word
            assert [one["state"] for one in daemon.control.connections()] == ["forwarding"]
            with held(daemon, b"another"):
                assert {one["pid"] for one in daemon.control.connections()} == {relay}
            daemon.log.wait_for(END.format("closed"), 1 if word == b"once" else 2)
    daemon.log.wait_for(END.format("closed") + "in=14 out=14 ")
    wait_until(lambda: daemon.control.service("x")["running"] == 0, "the end of all")


def test_a_drain_waits_for_forwarded_connections(superd, upstream):
    daemon = superd({"x": {"forward": upstream().address}}, {"stop_after": "1h"})
    with held(daemon) as client:
        daemon.signal(signal.SIGTERM)
        daemon.log.wait_for("draining: 1 handler")
        client.sendall(b"still")
        assert client.recv(5) == b"still"
    assert daemon.wait_end() == 0
    assert daemon.log.find(END.format("closed"))


def test_a_drain_has_an_end(superd, upstream):
    daemon = superd({"x": {"forward": upstream().address}})
    with held(daemon) as client:
        daemon.signal(signal.SIGTERM)
        assert read_all(client) == b""
        assert daemon.wait_end() == 0
    daemon.log.wait_for(END.format("stopped") + ".*stopped=shutdown")


def test_when_superd_dies_connections_go_on_and_the_relay_ends_after_them(superd, upstream):
    daemon = superd({"x": {"forward": upstream().address}})
    with held(daemon) as client:
        relay = relay_of(daemon)
        daemon.kill()
        client.sendall(b"still")
        assert client.recv(5) == b"still"
    wait_gone(relay)
