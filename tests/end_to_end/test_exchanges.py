# SPDX-License-Identifier: MIT
"""`run` on datagrams: each peer has a process of its own, at a socket of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import daemon as superd_under_test
from patience import DEADLINE, wait_until
from processes import children_of, descriptors_of, is_alive

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs CAP_NET_RAW")


def answering(program, count, listen="udp:127.0.0.1:0", **keys):
    return {"listen": listen, "run": [program("answer_datagrams"), str(count)], **keys}


@contextlib.contextmanager
def peers(port, count=1, host="127.0.0.1", source=None):
    with contextlib.ExitStack() as open_ones:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        made = []
        for _ in range(count):
            one = open_ones.enter_context(socket.socket(family, socket.SOCK_DGRAM))
            one.settimeout(DEADLINE)
            if source:
                one.bind((source, 0))
            one.connect((host, port))
            made.append(one)
        yield made


def answer(peer):
    """The handler's pid, and the rest of its answer: who it says the peer is, where it wrote to,
    and what came."""
    pid, rest = peer.recv(1 << 17).split(b" ", 1)
    return int(pid), rest


def text_of(got):
    return got[1].split(b" ", 2)[2]


def ask(peer, text):
    peer.send(text)
    return answer(peer)


def resender(daemon):
    """superd-resend; there is one."""
    found = []
    for child in children_of(daemon.pid):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{child}/comm").read_text(encoding="utf-8") == "superd-resend\n":
                found.append(child)
    (only,) = found
    return only


def test_a_process_for_each_peer_that_sees_no_other(superd, program):
    daemon = superd({"x": answering(program, 3)})
    with peers(daemon.port("x"), 5) as all_peers:
        pids = set()
        for turn in range(3):
            for number, peer in enumerate(all_peers):
                peer.send(b"%d of %d" % (turn, number))
        for number, peer in enumerate(all_peers):
            answers = [answer(peer) for _ in range(3)]
            assert {rest.split(b" ")[0] for _, rest in answers} == {b"127.0.0.1"}
            assert sorted(map(text_of, answers)) == [b"%d of %d" % (n, number) for n in range(3)]
            assert len({pid for pid, _ in answers}) == 1
            pids.add(answers[0][0])
        assert len(pids) == 5
    daemon.log.wait_for("service 'x': ended .* exit=0", 5)


def test_many_at_once_and_nothing_is_lost(superd, program):
    daemon = superd({"x": answering(program, 1)})
    with peers(daemon.port("x")) as (peer,):
        ask(peer, b"so that all is there that stays")
    wait_until(lambda: len(children_of(daemon.pid)) == 1, "only superd-resend is there")
    before = descriptors_of(daemon.pid)
    with peers(daemon.port("x"), 60) as all_peers:
        for turn in range(3):
            for number, peer in enumerate(all_peers):
                peer.send(b"%d of %d" % (turn, number))
        for number, peer in enumerate(all_peers):
            texts = [text_of(answer(peer)) for _ in range(3)]
            assert texts[0] == b"0 of %d" % number
            assert sorted(texts) == [b"%d of %d" % (turn, number) for turn in range(3)]
    daemon.log.wait_for("service 'x': ended .* exit=0", 181)
    wait_until(lambda: descriptors_of(daemon.pid) == before, "its sockets are closed")


def test_the_first_datagram_is_there_already(superd):
    at_once = "import os; os.set_blocking(0, False); os.write(1, os.read(0, 100))"
    daemon = superd({"x": {"listen": "udp:127.0.0.1:0", "run": [sys.executable, "-c", at_once]}})
    with peers(daemon.port("x"), 8) as all_peers:
        for peer in all_peers:
            peer.send(b"here")
        assert [peer.recv(100) for peer in all_peers] == [b"here"] * 8


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("size", [0, 1, 65_000])
def test_datagrams_of_every_size(superd, program, host, size):
    daemon = superd({"x": answering(program, 1, listen="udp:0")})
    with peers(daemon.port("x"), host=host) as (peer,):
        pid, rest = ask(peer, b"a" * size)
        assert rest == b"%s %s " % (host.encode(), host.encode()) + b"a" * size


def test_the_largest_datagram(superd):
    count = "import os; os.write(1, b'%d' % len(os.read(0, 70000)))"
    daemon = superd({"x": {"listen": "udp:127.0.0.1:0", "run": [sys.executable, "-c", count]}})
    with peers(daemon.port("x")) as (peer,):
        peer.send(b"a" * 65507)
        assert peer.recv(100) == b"65507"


def test_answers_come_from_the_address_that_was_asked(superd, program):
    daemon = superd({"x": answering(program, 2, listen="udp4:0")})
    port = daemon.port("x")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(DEADLINE)
        pids = set()
        for address in ("127.0.0.2", "127.0.0.3"):
            peer.sendto(b"who", (address, port))
            said, sender = peer.recvfrom(1000)
            pid, rest = said.split(b" ", 1)
            assert sender == (address, port)
            assert rest == b"127.0.0.1 %s who" % address.encode()
            pids.add(pid)
        assert len(pids) == 2


def test_a_program_that_reads_nothing_is_not_started_again_and_again(superd):
    daemon = superd({"x": {"listen": "udp:127.0.0.1:0", "run": "true"}})

    def starts():
        return len(daemon.log.find("service 'x': started"))

    with peers(daemon.port("x")) as (peer,):
        sent = 0
        for _ in range(3):
            before = starts()

            def is_started():  # what comes while it runs is thrown away with it
                nonlocal sent
                peer.send(b"for nobody")
                sent += 1
                return starts() > before

            wait_until(is_started, "another one is started")
        wait_until(lambda: len(children_of(daemon.pid)) == 1, "only superd-resend is there")
        assert starts() <= sent


def test_a_silent_peer_is_given_up(superd, program):
    daemon = superd({"x": answering(program, 9, stop_after="300ms")})
    with peers(daemon.port("x")) as (peer,):
        pid, _ = ask(peer, b"one")
        daemon.log.wait_for(f"service 'x': ended pid={pid} .* stopped=idle")
        other, _ = ask(peer, b"two")
        assert other != pid


def test_a_peer_that_goes_on_is_not(superd, program):
    daemon = superd({"x": answering(program, 99, stop_after="1s")})
    with peers(daemon.port("x")) as (peer,):
        last, asked = None, time.monotonic()
        for _ in range(12):
            pid, _ = ask(peer, b"still here")
            was_silent = time.monotonic() - asked > 0.5  # this machine was busy
            assert pid == last or last is None or was_silent
            last, asked = pid, time.monotonic()
            time.sleep(0.2)


def test_a_time_limit(superd):
    daemon = superd({"x": {"listen": "udp:127.0.0.1:0", "run": "sleep 600", "timeout": "300ms"}})
    with peers(daemon.port("x")) as (peer,):
        peer.send(b"one")
        daemon.log.wait_for("service 'x': ended .* stopped=timeout")


def test_who_may_not_in_starts_nothing(superd, program):
    daemon = superd({"x": answering(program, 1, deny=["127.0.0.66"])})
    port = daemon.port("x")
    with peers(port, source="127.0.0.66") as (stranger,), peers(port, 20) as friends:
        for friend in friends:
            for _ in range(50):
                stranger.send(b"let me in")
            assert text_of(ask(friend, b"hello")) == b"hello"
    assert len(daemon.log.find("service 'x': started")) == 20
    assert daemon.log.find("service 'x': refused peer=127.0.0.66")


def test_who_is_let_in_by_name(superd, program):
    daemon = superd({"x": answering(program, 1, allow=["localhost"])})
    port = daemon.port("x")
    with peers(port, source="127.0.0.1") as (friend,), peers(port, source="127.9.9.9") as (other,):
        other.send(b"nobody")
        assert text_of(ask(friend, b"hello")) == b"hello"
        daemon.log.wait_for("service 'x': refused peer=127.9.9.9")
    assert len(daemon.log.find("service 'x': started")) == 1


def test_instances_and_the_next_in_line(superd, program):
    keys = {"limits": {"instances": 2, "when_full": "wait"}}
    daemon = superd({"x": answering(program, 2, **keys)})
    with peers(daemon.port("x"), 3) as (one, two, three):
        ask(one, b"1"), ask(two, b"2")
        three.send(b"3")
        assert len(daemon.log.find("service 'x': started")) == 2
        ask(one, b"and out")
        assert text_of(answer(three)) == b"3"


def test_so_many_of_one_source(superd, program):
    daemon = superd({"x": answering(program, 2, limits={"per_source": 1})})
    with peers(daemon.port("x"), 2) as (one, two), peers(daemon.port("x"), source="127.7.7.7") as (third,):
        ask(one, b"1")
        two.send(b"2")
        daemon.log.wait_for("service 'x': refused peer=127.0.0.1")
        ask(third, b"3")
    assert len(daemon.log.find("service 'x': started")) == 2


def test_a_peer_that_vanishes(superd, program):
    daemon = superd({"x": answering(program, 1)})
    port = daemon.port("x")
    for _ in range(5):
        with peers(port) as (peer,):
            peer.send(b"and away")
    with peers(port) as (peer,):
        assert text_of(ask(peer, b"still there?")) == b"still there?"
    daemon.log.wait_for("service 'x': ended", 6)
    wait_until(lambda: len(children_of(daemon.pid)) == 1, "only superd-resend is there")
    assert len(daemon.log.find("service 'x': started")) == 6  # an error that came is no datagram


def test_a_reload_and_a_removal_leave_those_under_way_alone(superd, program):
    daemon = superd({"x": answering(program, 9), "other": {"listen": "127.0.0.1:0", "run": "cat"}})
    port = daemon.port("x")
    at = f"udp:127.0.0.1:{port}"
    with peers(port, 2) as (one, two):
        pid, _ = ask(one, b"before")
        daemon.reload({"x": answering(program, 1, listen=at)})
        assert ask(one, b"after")[0] == pid
        newcomer, _ = ask(two, b"new")
        daemon.log.wait_for(f"service 'x': ended pid={newcomer} .* exit=0")
        daemon.reload({"other": {"listen": "127.0.0.1:0", "run": "cat"}})
        assert ask(one, b"without a service")[0] == pid
        os.kill(pid, signal.SIGTERM)
        daemon.log.wait_for(f"service 'x': ended pid={pid}")


def test_an_upgrade_keeps_conversations(superd, program):
    daemon = superd({"x": answering(program, 9, stop_after="60s")})
    with peers(daemon.port("x"), 3) as (one, two, three):
        pid, _ = ask(one, b"before")
        daemon.control.ask("upgrade")
        assert ask(one, b"after")[0] == pid
        assert ask(two, b"new")[0] != pid
        daemon.control.ask("upgrade")
        assert ask(one, b"again")[0] == pid
        assert text_of(ask(three, b"new, too")) == b"new, too"


def test_an_end_ends_them(superd, program):
    daemon = superd({"x": answering(program, 9)}, settings={"stop_after": "200ms"})
    with peers(daemon.port("x")) as (peer,):
        pid, _ = ask(peer, b"here")
        daemon.stop()
    assert not is_alive(pid)
    assert daemon.log.find(f"service 'x': ended pid={pid} .* stopped=shutdown")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_superd_resend_dies_or_stalls(superd, program, number):
    daemon = superd({"x": answering(program, 1)})
    port = daemon.port("x")
    with peers(port, 2) as (one, two):
        ask(one, b"first")
        child = resender(daemon)
        os.kill(child, number)
        if number == signal.SIGKILL:
            wait_until(lambda: not is_alive(child), "it is gone")

        def is_answered():  # datagrams under way may be lost with it, no more
            two.settimeout(0.3)
            with contextlib.suppress(TimeoutError):
                return text_of(ask(two, b"second")) == b"second"
            return False

        wait_until(is_answered, "another one serves")
        assert resender(daemon) != child


def test_a_socket_for_programs_of_many_families_at_once(superd, program):
    listen = ["udp:127.0.0.1:0", "udp:[::1]:0", "127.0.0.1:0"]
    script = "import os; d = os.read(0, 100); os.write(1, os.environ['PROTO'].encode() + b' ' + d)"
    daemon = superd({"x": {"listen": listen, "run": [sys.executable, "-c", script]}})
    with peers(daemon.port("x", 0)) as (v4,), peers(daemon.port("x", 1), host="::1") as (v6,):
        v4.send(b"a")
        v6.send(b"b")
        assert v4.recv(100) == b"UDP a"
        assert v6.recv(100) == b"UDP b"
    with socket.create_connection(("127.0.0.1", daemon.port("x", 2)), DEADLINE) as stream:
        stream.sendall(b"c")
        assert stream.recv(100) == b"TCP c"


@pytest.fixture
def two_hosts():
    """Two network namespaces with a cable between them: how to run something in each."""
    names = [f"superd-test-{os.getpid()}-{end}" for end in "ab"]
    with contextlib.ExitStack() as ends:

        def ip(*words):
            subprocess.run(["ip", *words], check=True, timeout=DEADLINE)

        for name in names:
            ip("netns", "add", name)
            ends.callback(ip, "netns", "del", name)
            ip("-n", name, "link", "set", "lo", "up")
        here, there = names
        ip("-n", here, "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", there)
        for name, link, host in ((here, "near", 1), (there, "far", 2)):
            ip("-n", name, "addr", "add", f"10.77.0.{host}/24", "dev", link)
            ip("-n", name, "addr", "add", f"fd77::{host}/64", "dev", link, "nodad")
            ip("-n", name, "link", "set", link, "up")
        ip("-n", here, "addr", "add", "10.77.0.9/24", "dev", "near")
        yield [["ip", "netns", "exec", name] for name in names]


ASK = """
import socket, sys
family, host, port = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
s = socket.socket(family, socket.SOCK_DGRAM)
s.settimeout(20)
for turn in range(2):
    s.sendto(b"over the cable", (host, port))
    text, sender = s.recvfrom(1000)
    assert sender[:2] == (host, port), sender
    print(text.decode())
"""


@pytest.mark.parametrize("options", [{}, {"device": "near"}])
def test_from_another_host(superd, program, two_hosts, options):
    here, there = two_hosts
    service = answering(program, 1, listen=[{"address": "udp:0", **options}])
    daemon = superd({"x": service}, prefix=here)
    port = str(daemon.port("x"))
    for family, host, far in (
        (socket.AF_INET, "10.77.0.1", "10.77.0.2"),
        (socket.AF_INET, "10.77.0.9", "10.77.0.2"),
        (socket.AF_INET6, "fd77::1", "fd77::2"),
    ):
        asked = subprocess.run(
            [*there, sys.executable, "-c", ASK, str(int(family)), host, port],
            stdout=subprocess.PIPE,
            text=True,
            timeout=DEADLINE,
            check=True,
        )
        for line in asked.stdout.splitlines():
            assert line.split(" ", 1)[1] == f"{far} {host} over the cable"


def test_without_the_right_to_a_raw_socket(room, open_superd):
    file = room / "x.yaml"
    file.write_text(
        superd_under_test.table({"x": {"listen": "udp:127.0.0.1:0", "run": "cat"}}), encoding="utf-8"
    )
    prefix = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    ended = subprocess.run(
        [*prefix, open_superd, "--config", file], stderr=subprocess.PIPE, text=True,
        timeout=DEADLINE, check=False,
    )
    assert ended.returncode != 0
    assert "'run' on datagrams needs CAP_NET_RAW" in ended.stderr
    assert "use 'activate'" in ended.stderr


@pytest.mark.parametrize(
    "keys, said",
    [
        ({"linger": "1s"}, "'linger' needs a connection"),
        ({"on_client_gone": "stop"}, "'on_client_gone' needs a connection"),
        ({"listen": "unix-dgram:/tmp/x"}, "'run' is one process per peer"),
        ({"listen": "127.0.0.1:0", "stop_after": "1s"}, "'stop_after' is for `activate`"),
    ],
)
def test_what_it_cannot_do(room, keys, said):
    file = room / "x.yaml"
    service = {"listen": "udp:127.0.0.1:0", "run": "cat", **keys}
    file.write_text(superd_under_test.table({"x": service}), encoding="utf-8")
    ended = superd_under_test.run("--check", "--config", file)
    assert ended.returncode == 2
    assert said in ended.stderr, ended.stderr
