# SPDX-License-Identifier: MIT
"""Sockets of UDP and of UNIX: their options as the kernel has them, read from superd's own, their
groups, and their paths."""

import ctypes
import grp
import os
import pwd
import re
import socket
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import daemon as superd_under_test
from patience import DEADLINE

PIDFD_GETFD = 438
SO_MARK, SO_PROTOCOL, IP_FREEBIND, IP_TRANSPARENT = 36, 38, 15, 19
IPV6_TRANSPARENT, IPV6_FREEBIND = 75, 78
SOL, IP, V6 = socket.SOL_SOCKET, socket.IPPROTO_IP, socket.IPPROTO_IPV6

BUFFERS = {"receive_buffer": "20K", "send_buffer": "24K"}
HAVE_BUFFERS = {(SOL, socket.SO_RCVBUF): 40 << 10, (SOL, socket.SO_SNDBUF): 48 << 10}  # twice
COMMON = {"mark": 77, "reuse_port": True, "device": "lo", **BUFFERS}
HAVE_COMMON = {
    (SOL, SO_MARK): 77,
    (SOL, socket.SO_REUSEPORT): 1,
    (SOL, socket.SO_REUSEADDR): 0,  # anybody could take the port
    (SOL, SO_PROTOCOL): socket.IPPROTO_UDP,
    **HAVE_BUFFERS,
}
OPTIONS = [
    (
        "udp4:192.0.2.77:0",  # no address of this machine's
        {"tos": 16, "freebind": True, **COMMON},
        {(IP, socket.IP_TOS): 16, (IP, IP_FREEBIND): 1, (IP, IP_TRANSPARENT): 0, **HAVE_COMMON},
    ),
    (
        "udp4:192.0.2.78:0",
        {"transparent": True},
        {(IP, IP_TRANSPARENT): 1, (IP, IP_FREEBIND): 0, (SOL, SO_MARK): 0},
    ),
    (
        "udp6:[2001:db8::77]:0",
        {"tos": 16, "freebind": True, **COMMON},
        {
            (V6, socket.IPV6_TCLASS): 16,
            (V6, IPV6_FREEBIND): 1,
            (V6, IPV6_TRANSPARENT): 0,
            (V6, socket.IPV6_V6ONLY): 1,
            **HAVE_COMMON,
        },
    ),
    ("udp6:[2001:db8::78]:0", {"transparent": True}, {(V6, IPV6_TRANSPARENT): 1}),
    ("udp:0", {"v6only": True}, {(V6, socket.IPV6_V6ONLY): 1}),
    (
        "udp:0",  # both families
        {"tos": 8},
        {(V6, socket.IPV6_V6ONLY): 0, (V6, socket.IPV6_TCLASS): 8, (IP, socket.IP_TOS): 8},
    ),
    ("unix-dgram:{room}/x", BUFFERS, HAVE_BUFFERS),
    ("unix-dgram:@{name}", BUFFERS, HAVE_BUFFERS),
    ("unix-seqpacket:{room}/x", BUFFERS, HAVE_BUFFERS),
]


def service(listen, room, program, **options):
    """Of one program for datagrams, or one for connections."""
    address = listen.format(room=room, name=room.name)
    if "seqpacket" in address:
        return {"listen": {"address": address, **options}, "run": "/bin/cat"}
    take = [program("take_datagrams"), "1", "5"]
    return {"listen": {"address": address, **options}, "activate": take}


def sockets_of(pid):
    """Copies of the sockets that a process serves on."""
    libc = ctypes.CDLL(None, use_errno=True)
    process = os.pidfd_open(pid)
    for name in os.listdir(f"/proc/{pid}/fd"):
        if int(name) >= 64 and os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:"):
            copy = libc.syscall(PIDFD_GETFD, process, int(name), 0)
            assert copy >= 0, os.strerror(ctypes.get_errno())
            yield socket.socket(fileno=copy)
    os.close(process)


def is_served(one, address):
    if one.family == socket.AF_UNIX:
        name = one.getsockname()
        return address.endswith(f":@{name[1:].decode()}" if isinstance(name, bytes) else f":{name}")
    return one.getsockname()[1] == int(address.rpartition(":")[2])


@pytest.mark.parametrize("listen, options, expected", OPTIONS)
def test_options_are_the_kernel_s(superd, room, program, as_root, listen, options, expected):
    daemon = superd({"x": service(listen, room, program, **options)})
    (address,) = daemon.addresses("x")
    found = []
    for one in sockets_of(daemon.pid):
        with one:
            if is_served(one, address):
                found.append({key: one.getsockopt(*key) for key in expected})
                device = one.getsockopt(SOL, socket.SO_BINDTODEVICE, 16).rstrip(b"\0").decode()
                assert device == options.get("device", "")
    assert found == [expected]


GROUPS = {"udp4": (socket.AF_INET, "239.1.2.3"), "udp6": (socket.AF_INET6, "ff12::1:3")}
# A network of its own, with an interface for multicast.
NETWORK = (
    "ip link set lo up && ip link add d0 type veth peer name d1 && "
    "echo 0 > /proc/sys/net/ipv6/conf/d0/accept_dad && "
    "ip link set d1 up && ip link set d0 up && ip address add 192.0.2.1/24 dev d0"
)


def within_network(pid, action):
    """What `action` gives in the network of that process; a thread alone goes there."""
    with ThreadPoolExecutor(1) as threads, open(f"/proc/{pid}/ns/net", "rb") as place:

        def enter():
            assert ctypes.CDLL(None).setns(place.fileno(), 0) == 0
            return action()

        return threads.submit(enter).result(DEADLINE)


def is_joined(pid, family, group):
    """Whether somebody is a member on d0: whom the kernel knows of there."""
    number = socket.inet_pton(family, group)
    if family == socket.AF_INET6:
        members = Path(f"/proc/{pid}/net/igmp6").read_text()
        return re.search(rf"^\d+ +d0 +{number.hex()} ", members, re.M) is not None
    members = re.split(r"^(?=\d)", Path(f"/proc/{pid}/net/igmp").read_text(), flags=re.M)
    (on_d0,) = [text for text in members if re.match(r"\d+\td0 ", text)]
    return number[::-1].hex().upper() in on_d0


def ask_group(family, group, port):
    index = socket.if_nametoindex("d0")
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.settimeout(DEADLINE)
        if family == socket.AF_INET6:
            client.setsockopt(V6, socket.IPV6_MULTICAST_IF, index)
        else:
            client.setsockopt(IP, socket.IP_MULTICAST_IF, socket.inet_aton("192.0.2.1"))
        client.sendto(b"group", (group, port))
        return client.recv(100)


@pytest.mark.parametrize("by_device", [False, True])
@pytest.mark.parametrize(
    "listen, kind", [("udp4:0", "udp4"), ("udp6:0", "udp6"), ("udp:0", "udp4"), ("udp:0", "udp6")]
)
def test_a_group_is_joined_and_left(superd, room, program, as_root, listen, kind, by_device):
    family, group = GROUPS[kind]
    plain = service(listen, room, program, **({"device": "d0"} if by_device else {}))
    groups = [group if by_device else f"{group}%d0"]
    joining = {**plain, "listen": {**plain["listen"], "multicast": groups}}
    prefix = ["unshare", "-n", "sh", "-c", NETWORK + ' && exec "$@"', "sh"]
    daemon = superd({"x": joining}, prefix=prefix)
    assert is_joined(daemon.pid, family, group)
    answer = within_network(daemon.pid, lambda: ask_group(family, group, daemon.port("x")))
    assert answer == b"GROUP"
    daemon.reload({"x": plain})
    assert not is_joined(daemon.pid, family, group)
    daemon.reload({"x": joining})
    assert is_joined(daemon.pid, family, group)


@pytest.mark.parametrize(
    "listen, groups, said",
    [
        ("udp4:7001", ["ff02::1:3%lo"], "ff02::1:3 is IPv6 and udp4:7001 is not"),
        ("udp6:7001", ["239.1.2.3"], "239.1.2.3 is IPv4 and udp6:7001 is not"),
        ("udp:127.0.0.1:7001", ["239.1.2.3", "ff02::1:3%lo"], "ff02::1:3 is IPv6"),
        ("udp:7001", ["192.0.2.1"], "no multicast address"),
        ("unix-dgram:/run/x", ["239.1.2.3"], "'multicast' is for UDP"),
    ],
)
def test_a_group_of_the_wrong_kind(room, listen, groups, said):
    keys = {"listen": {"address": listen, "multicast": groups}, "activate": "/bin/cat"}
    status, told = check_start(room, {"x": keys})
    assert status == 2
    assert re.search(r"second\.yaml:\d+:\d+: service 'x': .*" + re.escape(said), told), told


def check_start(room, services):
    """superd that is expected not to start: its status and what it says."""
    file = room / "second.yaml"
    file.write_text(superd_under_test.table(services), encoding="utf-8")
    ended = superd_under_test.run("--config", file)
    return ended.returncode, ended.stderr


KINDS = {"unix-dgram": socket.SOCK_DGRAM, "unix-seqpacket": socket.SOCK_SEQPACKET}


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


class Looks:
    """Looks at a path again and again: all that it was, as (owner, group, mode)."""

    def __init__(self, path):
        self.seen = set()
        self._path = path
        self._goes_on = True
        self._thread = threading.Thread(target=self._look)

    def _look(self):
        while self._goes_on:
            try:
                found = os.lstat(self._path)
            except FileNotFoundError:
                continue
            self.seen.add((found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._goes_on = False
        self._thread.join()


def test_a_path_is_never_more_open_than_asked(superd, room, program, as_root, kind):
    games, mail = pwd.getpwnam("games").pw_uid, grp.getgrnam("mail").gr_gid
    path = room / "x"
    wanted = service(f"{kind}:{path}", room, program, owner="games", group="mail", mode="0620")
    other = {"y": {"run": "/bin/cat"}}
    # A umask that would leave all open.
    daemon = superd(other, prefix=["/bin/sh", "-c", 'umask 0; exec "$@"', "sh"])
    with Looks(path) as looks:
        for _ in range(30):
            daemon.reload({"x": wanted, **other})
            found = path.stat()
            assert (found.st_uid, found.st_gid) == (games, mail)
            assert stat.S_IMODE(found.st_mode) == 0o620
            daemon.reload(other)
            assert not path.exists()
    for owner, group, mode in looks.seen:
        assert mode & ~0o620 == 0 and owner in (0, games)
        assert group == mail or mode & 0o070 == 0, looks.seen


def check_not_robbed(superd, room, program, kind, path):
    """A service of connections is an error. One of `activate` waits: whoever has the path may be a
    program that a superd before had started."""
    before = path.stat().st_ino
    wanted = {"x": service(f"{kind}:{path}", room, program)}
    if kind == "unix-dgram":
        waits = superd(wanted, name="second")
        waits.log.wait_for(f"{re.escape(str(path))} waits until it can be bound: bind: Address")
        assert waits.control.service("x")["state"] == "waiting"
        waits.stop()
    else:
        status, told = check_start(room, wanted)
        assert status == 1
        assert "second.yaml:" in told and str(path) in told and "in use" in told
    assert path.stat().st_ino == before


def test_a_live_superd_is_not_robbed(superd, room, program, kind):
    path = room / "x"
    superd({"x": service(f"{kind}:{path}", room, program)})
    check_not_robbed(superd, room, program, kind, path)


@pytest.mark.parametrize("other", [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET])
def test_an_owner_of_any_kind_is_not_robbed(superd, room, program, kind, other):
    with socket.socket(socket.AF_UNIX, other) as owner:
        owner.bind(str(room / "x"))
        if other != socket.SOCK_DGRAM:
            owner.listen()
        check_not_robbed(superd, room, program, kind, room / "x")


def test_an_owner_who_is_connected_himself_is_not_robbed(superd, room, program):
    """He takes datagrams of one peer only."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as owner, socket.socket(
        socket.AF_UNIX, socket.SOCK_DGRAM
    ) as peer:
        peer.bind(str(room / "peer"))
        owner.bind(str(room / "x"))
        owner.connect(str(room / "peer"))
        check_not_robbed(superd, room, program, "unix-dgram", room / "x")


def test_a_dead_owner_s_path_is_taken(superd, room, program, kind):
    path = room / "x"
    with socket.socket(socket.AF_UNIX, KINDS[kind]) as dead:
        dead.bind(str(path))
    superd({"x": service(f"{kind}:{path}", room, program)})
    with socket.socket(socket.AF_UNIX, KINDS[kind]) as client:
        client.settimeout(DEADLINE)
        client.bind(str(room / "client"))
        os.chmod(room / "client", 0o777)
        client.connect(str(path))
        client.send(b"HELLO")
        assert client.recv(100) == b"HELLO"


def test_a_link_in_the_way_changes_nobody_s_mode(superd, room, program, kind):
    """A reload gives the path another mode, and never what somebody has put in its place."""
    path, precious = room / "x", room / "precious"
    precious.write_text("")
    precious.chmod(0o600)
    services = {"x": service(f"{kind}:{path}", room, program, mode="0600")}
    daemon = superd(services)
    path.unlink()
    path.symlink_to(precious)
    daemon.reload({"x": service(f"{kind}:{path}", room, program, mode="0666")})
    assert stat.S_IMODE(precious.stat().st_mode) == 0o600
    daemon.log.wait_for("owner, group and mode")
    path.unlink()
