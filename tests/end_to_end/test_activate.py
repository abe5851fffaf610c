# SPDX-License-Identifier: MIT
"""Listening sockets that are handed over: a program has them until it ends, then superd again."""

import os
import pwd
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

import daemon as superd_under_test
import processes
from clients import ask, connect, read_all, read_line
from patience import DEADLINE, wait_until
from processes import is_alive, status_of

SHOW = (
    "import os, socket;"
    "fds = [(n, os.readlink(f'/proc/self/fd/{n}').split(':')[0]) for n in range(8)"
    " if os.path.exists(f'/proc/self/fd/{n}')];"
    "env = sorted(k for k in os.environ if k not in ('LC_CTYPE', 'PWD'));"
    "print('given', fds, env, os.environ.get('LISTEN_FDNAMES'), flush=True);"
    "number = 0 if fds[0][1] == 'socket' else 3;"
    "assert os.get_blocking(number);"
    "s = socket.socket(fileno=number);"
    "c = s.accept()[0]; c.sendall(b'seen'); c.close()"
)


def datagrams(program, count, idle, **keys):
    return {
        "listen": "udp:127.0.0.1:0",
        "activate": [program("take_datagrams"), str(count), str(idle)],
        **keys,
    }


def connections(program, listen="127.0.0.1:0", **keys):
    return {"listen": listen, "activate": [program("take_connections")], **keys}


def sender(port, source="127.0.0.1"):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(DEADLINE)
    client.bind((source, 0))
    client.connect(("127.0.0.1", port))
    return client


def exchange(port, text, source="127.0.0.1"):
    with sender(port, source) as client:
        client.send(text)
        return client.recv(1 << 16)


def first_words(connection):
    """The name of the socket, and the pid of who accepted."""
    name, pid = read_line(connection).split()
    return name.decode(), int(pid)


def wait_for_looks(daemon):
    """superd looks once a second whether somebody is connected: until it has, more than once."""
    (program,) = daemon.control.connections()
    until = program["age_ms"] + 2500
    wait_until(lambda: daemon.control.connections()[0]["age_ms"] > until, "time to pass")


def check_fails(room, service, *said):
    file = room / "wrong.yaml"
    file.write_text(superd_under_test.table({"x": service}), encoding="utf-8")
    ended = superd_under_test.run("--check", "--config", file)
    assert ended.returncode == 2
    for words in said:
        assert words in ended.stderr, ended.stderr


def test_datagrams_are_answered_by_one_program_after_the_other(superd, program):
    daemon = superd({"up": datagrams(program, 1, 5)})
    port = daemon.port("up")
    for number in range(20):
        assert exchange(port, b"hello %d" % number) == b"HELLO %d" % number
    daemon.log.wait_for("service 'up': ended .* exit=0", 20)
    assert len(daemon.log.find("service 'up': started")) == 20


def test_no_datagram_is_lost_between_programs(superd, program):
    daemon = superd({"up": datagrams(program, 7, 5)})
    port = daemon.port("up")
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: exchange(port, b"x%d" % n), range(140)))
    assert answers == [b"X%d" % n for n in range(140)]
    daemon.log.wait_for("service 'up': ended .* exit=0", 20)
    assert len(daemon.log.find("service 'up': started")) == 20


@pytest.mark.parametrize("size", [0, 65507])
def test_datagrams_of_every_size(superd, program, size):
    daemon = superd({"up": datagrams(program, 1, 5)})
    assert exchange(daemon.port("up"), b"a" * size) == b"A" * size


@pytest.mark.parametrize("handoff", ["both", "stdin", "listen_fds"])
def test_what_a_program_is_given(superd, handoff):
    listen = [{"address": "127.0.0.1:0", "name": "web"}]
    if handoff != "stdin":
        listen.append("127.0.0.1:0")
    daemon = superd({"x": {"listen": listen, "activate": [sys.executable, "-c", SHOW], "handoff": handoff}})
    with connect(daemon.port("x")) as client:
        assert read_all(client) == b"seen"
    given = daemon.log.wait_for(r"service 'x': stderr: given (.*)$")[0][1]
    expected = {
        "both": "[(0, 'socket'), (1, 'pipe'), (2, 'pipe'), (3, 'socket'), (4, 'socket')]",
        "stdin": "[(0, 'socket'), (1, 'pipe'), (2, 'pipe')]",
        "listen_fds": "[(0, '/dev/null'), (1, 'pipe'), (2, 'pipe'), (3, 'socket'), (4, 'socket')]",
    }
    assert given.startswith(expected[handoff]), given
    assert given.endswith("None" if handoff == "stdin" else "web:x")
    names = {"LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID"} if handoff != "stdin" else set()
    assert all(name in given for name in names)
    assert "REMOTE" not in given and "PROTO" not in given


def test_a_daemon_keeps_its_sockets_and_gives_them_back(superd, program):
    listen = [{"address": "127.0.0.1:0", "name": "one"}, {"address": "127.0.0.1:0", "name": "two"}]
    daemon = superd({"x": connections(program, listen)})
    first, second = daemon.port("x", 0), daemon.port("x", 1)
    assert not daemon.log.find("started")
    pids = set()
    for port, name in ((second, "two"), (first, "one"), (second, "two")):
        with connect(port) as client:
            told, pid = first_words(client)
            assert told == name
            pids.add(pid)
    assert len(pids) == 1
    (shown,) = daemon.control.connections()
    assert shown["pid"] in pids and shown["peer"] == f"somebody at 127.0.0.1:{second}"
    daemon.control.ask("stop", "x")
    daemon.log.wait_for("service 'x': ended .* stopped=administrator")
    with connect(first) as client:
        assert first_words(client)[1] not in pids


def test_who_comes_to_a_program_does_not_wake_superd(superd, program):
    daemon = superd({"x": connections(program)})
    port = daemon.port("x")
    with connect(port) as client:
        first_words(client)
        before = int(status_of(daemon.pid, "voluntary_ctxt_switches"))
        for _ in range(500):
            with connect(port) as another:
                first_words(another)
        assert int(status_of(daemon.pid, "voluntary_ctxt_switches")) - before < 250


@pytest.mark.parametrize("place", ["127.0.0.1:0", "unix:{room}/x.sock", "unix:@superd-{pid}"])
def test_a_program_that_nobody_uses_is_stopped(superd, program, room, place):
    listen = place.format(room=room, pid=os.getpid())
    daemon = superd({"x": connections(program, listen, stop_after="1s")})
    target = listen.removeprefix("unix:") if listen.startswith("unix") else daemon.port("x")
    with connect(target) as client:
        _, pid = first_words(client)
        client.sendall(b"a")
        assert client.recv(1) == b"a"
        wait_for_looks(daemon)
        client.sendall(b"b")  # it wasn't stopped: somebody is connected
        assert client.recv(1) == b"b"
    daemon.log.wait_for("service 'x': ended .* stopped=idle")
    assert not is_alive(pid)
    with connect(target) as client:
        assert first_words(client)[1] != pid


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "udp:127.0.0.1:0"])
@pytest.mark.parametrize("verdict", ["true", "false"])
def test_a_program_that_takes_nothing_is_no_loop(superd, listen, verdict):
    daemon = superd({"x": {"listen": listen, "activate": f"/bin/{verdict}"}})
    port = daemon.port("x")
    with sender(port) if listen.startswith("udp") else connect(port) as client:
        client.send(b"x")
        daemon.log.wait_for("service 'x': its program ends at once without taking what waits", 1)
        daemon.log.wait_for("service 'x': started", 6)  # it is tried again
    assert len(daemon.log.find("without taking what waits")) == 1
    assert len(daemon.log.find("service 'x': started")) < 20


def test_a_program_that_cant_be_started_is_no_loop(superd, program, room):
    broken = room / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    daemon = superd({"x": {"listen": "127.0.0.1:0", "activate": str(broken)}})
    with connect(daemon.port("x")):
        daemon.log.wait_for("service 'x': its program ends at once without taking what waits", 1)
    assert len(daemon.log.find("service 'x': .*exec")) < 20


def test_one_that_never_takes_is_left_alone(superd):
    daemon = superd({"x": {"listen": "127.0.0.1:0", "activate": ["/bin/sleep", "600"]}})
    with connect(daemon.port("x")), connect(daemon.port("x")):
        daemon.log.wait_for("service 'x': started")
        assert daemon.control.service("x")["running"] == 1
    assert len(daemon.log.find("service 'x': started")) == 1


def test_one_that_closes_descriptor_0(superd):
    own = "import os, socket; os.close(0); s = socket.socket(fileno=3)"
    takes = f"{own}; c = s.accept()[0]; c.sendall(b'%d' % os.getpid())"
    daemon = superd({"x": {"listen": "127.0.0.1:0", "activate": [sys.executable, "-c", takes]}})
    assert len({ask(daemon.port("x")) for _ in range(3)}) == 3
    daemon.log.wait_for("service 'x': ended .* exit=0", 3)
    daemon = superd(
        {"y": {"listen": "127.0.0.1:0", "activate": [sys.executable, "-c", own]}}, name="other"
    )
    with connect(daemon.port("y")):
        daemon.log.wait_for("service 'y': its program ends at once without taking what waits", 1)


def test_one_that_goes_into_the_background(superd, program):
    """What it leaves behind serves, and superd starts one more for who knocks, but no endless lot."""
    script = 'exec 3<&0; setsid "$@" <&3 & echo "left behind $!" >&2'
    words = ["/bin/sh", "-c", script, "sh", program("take_connections")]
    daemon = superd({"x": {"listen": "127.0.0.1:0", "activate": words, "handoff": "stdin"}})

    def left_behind():
        return [int(found[1]) for found in daemon.log.find("stderr: left behind ([0-9]+)")]

    try:
        for _ in range(6):
            with connect(daemon.port("x")) as client:
                _, pid = first_words(client)
            assert pid in left_behind()
        assert len(left_behind()) <= 2 * 6
    finally:
        processes.ours.update(left_behind())
        daemon.stop()
        for pid in left_behind():
            processes.end(pid)
            processes.ours.discard(pid)


def test_refused_senders_are_dropped_while_another_is_served(superd, program):
    daemon = superd({"up": datagrams(program, 1, 5, deny=["127.0.0.66"])})
    port = daemon.port("up")
    with sender(port, "127.0.0.66") as stranger:
        for number in range(20):
            for _ in range(100):  # as many as the kernel's queue takes
                stranger.send(b"no")
            assert exchange(port, b"yes %d" % number) == b"YES %d" % number
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.recv(10)
    daemon.log.wait_for("service 'up': ended .* exit=0", 20)
    assert len(daemon.log.find("service 'up': started")) == 20
    wait_until(lambda: daemon.control.service("up")["refused"] == {"address": 2000}, "the count")


def test_unix_datagrams_are_judged_by_their_sender(superd, program, room):
    take = [program("take_datagrams"), "1", "5"]
    user = "user:" + pwd.getpwuid(os.geteuid()).pw_name
    daemon = superd(
        {
            "open": {"listen": f"unix-dgram:{room}/open", "activate": take, "allow": [user]},
            "shut": {"listen": f"unix-dgram:{room}/shut", "activate": take, "deny": [user]},
        }
    )
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.settimeout(DEADLINE)
        client.bind(f"{room}/client")
        os.chmod(f"{room}/client", 0o777)
        client.sendto(b"no", f"{room}/shut")
        wait_until(lambda: daemon.control.service("shut")["refused"], "the refusal")
        client.sendto(b"yes", f"{room}/open")
        assert client.recv(100) == b"YES"
    assert not daemon.log.find("service 'shut': started")


def test_clients_of_a_stream_are_turned_away_beyond_the_rate(superd, program):
    daemon = superd({"x": connections(program, limits={"rate": "1/d"})})
    port = daemon.port("x")
    with connect(port) as client:
        _, pid = first_words(client)
    daemon.control.ask("stop", "x")
    daemon.log.wait_for("service 'x': ended")
    with connect(port) as client:
        assert read_all(client) == b""
    wait_until(lambda: daemon.control.service("x")["refused"] == {"rate": 1}, "the refusal")


def test_a_reload_leaves_a_program_its_sockets(superd, program, reserved_port):
    port = reserved_port()
    table = {"x": connections(program, f"127.0.0.1:{port}")}
    daemon = superd(table)
    with connect(port) as client:
        _, pid = first_words(client)
        daemon.reload({"x": {**table["x"], "nice": 5}, "y": {"listen": "127.0.0.1:0", "run": "cat"}})
        with connect(port) as another:
            assert first_words(another)[1] == pid
        client.sendall(b"still")
        assert client.recv(10) == b"still"
    daemon.control.ask("stop", str(pid))
    daemon.log.wait_for("service 'x': ended")
    with connect(port) as client:
        _, next_pid = first_words(client)
        assert next_pid != pid and os.getpriority(os.PRIO_PROCESS, next_pid) == 5


def test_a_removed_service_lets_its_clients_go_first(superd, program):
    daemon = superd({"x": connections(program)})
    with connect(daemon.port("x")) as client:
        _, pid = first_words(client)
        daemon.reload({"y": {"listen": "127.0.0.1:0", "run": "/bin/cat"}})
        wait_for_looks(daemon)
        client.sendall(b"still")
        assert client.recv(10) == b"still"
        assert is_alive(pid)
    daemon.log.wait_for("service 'x': ended .* stopped=idle")


def test_a_port_goes_from_a_program_to_connections(superd, program, reserved_port):
    port = reserved_port()
    daemon = superd({"x": connections(program, f"127.0.0.1:{port}")})
    with connect(port) as client:
        first_words(client)
        daemon.reload({"y": {"listen": f"127.0.0.1:{port}", "run": ["/bin/echo", "new"]}})
    daemon.log.wait_for("service 'x': ended .* stopped=idle")
    with connect(port) as client:
        assert read_all(client) == b"new\n"


def test_an_upgrade_keeps_the_program(superd, program):
    daemon = superd({"x": connections(program)})
    port = daemon.port("x")
    with connect(port) as client:
        _, pid = first_words(client)
        daemon.control.ask("upgrade")
        client.sendall(b"still")
        assert client.recv(10) == b"still"
        with connect(port) as another:
            assert first_words(another)[1] == pid
        (shown,) = daemon.control.connections()
        assert shown["pid"] == pid and shown["service"] == "x"
    daemon.control.ask("stop", "x")
    daemon.log.wait_for("service 'x': ended .* stopped=administrator")
    with connect(port) as client:
        assert first_words(client)[1] != pid


def test_draining_stops_a_program_once_nobody_is_connected(superd, program):
    daemon = superd({"x": connections(program)}, {"stop_after": "60s"})
    with connect(daemon.port("x")) as client:
        _, pid = first_words(client)
        daemon.signal(signal.SIGTERM)
        daemon.log.wait_for("superd: draining")
        wait_for_looks(daemon)
        client.sendall(b"still")
        assert client.recv(10) == b"still"
    assert daemon.wait_end() == 0
    assert not is_alive(pid)


def test_a_port_that_a_program_of_a_killed_superd_holds_is_taken_when_it_ends(superd, program, reserved_port):
    table = {"x": connections(program, f"127.0.0.1:{reserved_port()}")}
    daemon = superd(table)
    port = daemon.port("x")
    with connect(port) as client:
        _, pid = first_words(client)
    processes.ours.add(pid)
    try:
        daemon.process.send_signal(signal.SIGKILL)
        daemon.expected_status = -signal.SIGKILL
        daemon.process.wait(timeout=DEADLINE)
        after = superd(table)
        after.log.wait_for("service 'x': .* waits until it can be bound")
        with connect(port) as client:
            assert first_words(client)[1] == pid
    finally:
        os.kill(pid, signal.SIGTERM)
        processes.ours.discard(pid)
    after.log.wait_for("service 'x': listening on")
    with connect(port) as client:
        assert first_words(client)[1] != pid


@pytest.mark.parametrize(
    "keys, said",
    [
        ({"allow": ["127.0.0.1"]}, "'allow' asks who comes"),
        ({"deny": ["127.0.0.1"]}, "'deny' asks who comes"),
        ({"limits": {"per_source": 1}}, "'limits.per_source' asks who comes"),
        ({"linger": "1s"}, "'linger' needs a connection"),
        ({"stderr": "socket"}, "'stderr: socket' needs a connection"),
        ({"run": "/bin/cat"}, "two verbs"),
        ({"listen": ["127.0.0.1:1", "127.0.0.1:2"], "handoff": "stdin"}, "hands over one socket"),
        ({"listen": "udp:127.0.0.1:1", "stop_after": "1min"}, "datagrams have none"),
    ],
)
def test_what_cant_be_kept_is_refused(room, keys, said):
    check_fails(room, {"listen": "127.0.0.1:1", "activate": "/bin/cat", **keys}, said)
