# SPDX-License-Identifier: MIT
"""Sockets of one interface, which goes and comes again with another number."""

import subprocess
import sys

import pytest

from patience import DEADLINE, wait_until

MAKE = (
    "ip link add late0 type veth peer name late1 netns {peer} && ip link set late0 up && "
    "ip address add 10.9.0.1/24 dev late0 && ip address add fe80::1/64 dev late0 nodad"
)
MAKE_PEER = (
    "ip link set late1 up && ip address add 10.9.0.2/24 dev late1 && "
    "ip address add fe80::2/64 dev late1 nodad"
)
# One question, again until it is answered: the first may meet a link that isn't up yet.
ASK = """
import socket, sys, time
kind, host, end = sys.argv[1], sys.argv[2], time.monotonic() + float(sys.argv[3])
while time.monotonic() < end:
    try:
        where = socket.getaddrinfo(host, 80)[0]
        with socket.socket(where[0], socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM) as s:
            s.settimeout(0.5)
            s.connect(where[4])
            s.send(b"hi\\n")
            print(s.recv(100).decode().splitlines()[0])
            break
    except OSError:
        time.sleep(0.05)
"""


class Networks:
    """superd's network, and that of its clients."""

    def __init__(self):
        self.clients = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; exec sleep 600"], stdout=subprocess.PIPE)
        self.clients.stdout.readline()
        self.make = MAKE.format(peer=self.clients.pid)
        # `device` is bound by superd, so what it is bound to must be there.
        self.prefix = ["unshare", "-n", "sh", "-c", f'ip link set lo up && {self.make} && exec "$@"', "sh"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.clients.kill()
        self.clients.wait()
        self.clients.stdout.close()

    @staticmethod
    def run(pid, script):
        subprocess.run(["nsenter", "-t", str(pid), "-n", "sh", "-c", script], check=True, timeout=DEADLINE)

    def connect(self):
        self.run(self.clients.pid, MAKE_PEER)

    def make_anew(self, pid):
        self.run(pid, "ip link delete late0")
        self.run(pid, "ip link add dummy0 type veth peer name dummy1")  # takes the next numbers
        self.run(pid, f"{self.make}; ip link delete dummy0")
        self.connect()

    def ask(self, kind, host):
        command = [sys.executable, "-c", ASK, kind, host, str(DEADLINE)]
        ended = subprocess.run(
            ["nsenter", "-t", str(self.clients.pid), "-n", *command],
            capture_output=True, text=True, timeout=2 * DEADLINE, check=True,
        )
        return ended.stdout.strip()


@pytest.fixture
def networks(as_root):
    with Networks() as both:
        yield both


DEVICE = {"address": "tcp4:80", "device": "late0"}
LINK_LOCAL = "[fe80::1%late0]:80"


@pytest.mark.parametrize("listen, host", [(DEVICE, "10.9.0.1"), (LINK_LOCAL, "fe80::1%late1")])
@pytest.mark.parametrize("verb", ["run", "activate"])
def test_connections_come_again(superd, program, networks, listen, host, verb):
    service = {"run": "/bin/cat"} if verb == "run" else {"activate": program("take_one")}
    daemon = superd({"x": {"listen": listen, **service}}, prefix=networks.prefix)
    networks.connect()
    first = networks.ask("tcp", host)
    assert first
    for times in (1, 2):
        networks.make_anew(daemon.pid)
        daemon.log.wait_for("service 'x': .* is bound to 'late0' again, which was made anew", times)
        # With activate it is the same program: its socket hears again.
        assert networks.ask("tcp", host) == first
    assert len(daemon.log.find("was made anew")) == 2


@pytest.mark.parametrize("listen, host", [
    ({"address": "udp4:80", "device": "late0"}, "10.9.0.1"),
    ("udp:[fe80::1%late0]:80", "fe80::1%late1"),
])
def test_datagrams_come_again(superd, program, networks, listen, host):
    take = [program("take_datagrams"), "1", "5"]
    daemon = superd({"x": {"listen": listen, "activate": take}}, prefix=networks.prefix)
    networks.connect()
    assert networks.ask("udp", host) == "HI"
    networks.make_anew(daemon.pid)
    daemon.log.wait_for("service 'x': .* is bound to 'late0' again, which was made anew")
    assert networks.ask("udp", host) == "HI"


def test_a_reload_and_an_upgrade_find_what_was_made_anew(superd, networks):
    table = {"x": {"listen": LINK_LOCAL, "run": "/bin/cat"}, "y": {"listen": DEVICE, "run": "/bin/cat"}}
    daemon = superd(table, prefix=networks.prefix)
    networks.connect()
    networks.make_anew(daemon.pid)
    daemon.log.wait_for("was made anew", 2)
    for change in (daemon.reload, None):
        if change:
            change({**table, "z": {"listen": "127.0.0.1:0", "run": "/bin/cat"}})
        else:
            daemon.control.ask("upgrade")
        assert networks.ask("tcp", "fe80::1%late1") == "hi"
        assert networks.ask("tcp", "10.9.0.1") == "hi"


def test_who_has_no_interface_watches_none(superd):
    daemon = superd({"x": {"listen": "127.0.0.1:0", "run": "/bin/cat"}})
    wait_until(lambda: daemon.control.service("x")["state"] == "listening", "the service")
    with open(f"/proc/{daemon.pid}/net/netlink", encoding="ascii") as sockets:
        watching = [line for line in sockets if line.split()[1:3] == ["0", str(daemon.pid)]]
    assert not watching
