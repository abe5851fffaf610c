# SPDX-License-Identifier: MIT
"""Listening sockets of every kind that has connections, those that a manager hands over, and those
that can't be bound yet."""

import contextlib
import os
import socket
import subprocess

import pytest

import daemon as superd_under_test
from clients import ask, read_all
from patience import DEADLINE

MPTCP = 262
ECHO = {"run": "/bin/cat"}
SHOW = ["/bin/sh", "-c", "env | grep -E '^(PROTO|[A-Z]+(LOCAL|REMOTE).*|REMOTE_.*)=' | sort"]


def has(family, protocol):
    try:
        socket.socket(family, socket.SOCK_STREAM, protocol).close()
    except OSError:
        return False
    return True


def check(room, services):
    """superd that is expected not to start: what it says."""
    file = room / "refused.yaml"
    file.write_text(superd_under_test.table(services), encoding="utf-8")
    ended = superd_under_test.run("--config", file)
    assert ended.returncode != 0
    return ended.stderr


def inet_client(port, protocol):
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    client.settimeout(DEADLINE)
    client.connect(("127.0.0.1", port))
    return client


@pytest.mark.parametrize(
    "family, protocol, proto",
    [("mptcp", MPTCP, "TCP"), ("sctp", socket.IPPROTO_SCTP, "SCTP")],
)
def test_connections_of_other_transports(superd, family, protocol, proto):
    if not has(socket.AF_INET, protocol):
        pytest.skip(f"this kernel has no {family}")
    daemon = superd({"show": {"listen": f"{family}:127.0.0.1:0", "run": SHOW}})
    with inet_client(daemon.port("show"), protocol) as client:
        own = client.getsockname()[1]
        told = dict(line.split("=", 1) for line in read_all(client).decode().splitlines())
    assert told["PROTO"] == proto
    assert told[f"{proto}REMOTEPORT"] == told["REMOTE_PORT"] == str(own)
    assert told[f"{proto}LOCALPORT"] == str(daemon.port("show"))
    assert told[f"{proto}REMOTEIP"] == told[f"{proto}LOCALIP"] == "127.0.0.1"
    assert daemon.addresses("show") == [f"{family}:127.0.0.1:{daemon.port('show')}"]


def test_sctp_where_the_kernel_has_none(room):
    if has(socket.AF_INET, socket.IPPROTO_SCTP):
        pytest.skip("this kernel has SCTP")
    told = check(room, {"x": {"listen": "sctp:127.0.0.1:0", **ECHO}})
    assert "sctp:127.0.0.1:0: socket: Protocol not supported; this kernel has no SCTP" in told
    assert "modprobe sctp" in told


def test_mptcp_that_is_switched_off(room, as_root):
    """In a network of its own, where the switch is one of its own, too."""
    file = room / "refused.yaml"
    file.write_text(superd_under_test.table({"x": {"listen": "mptcp:0", **ECHO}}))
    script = 'echo 0 > /proc/sys/net/mptcp/enabled || exit 99; exec "$0" --config "$1"'
    ended = subprocess.run(
        ["unshare", "-n", "sh", "-c", script, superd_under_test.BINARY, file],
        capture_output=True, text=True, timeout=DEADLINE, stdin=subprocess.DEVNULL,
    )
    if ended.returncode == 99:
        pytest.skip("this kernel has no MPTCP")
    assert ended.returncode == 1
    assert "net.mptcp.enabled is 0" in ended.stderr


def test_a_vsock_is_bound_and_told(superd):
    if not has(socket.AF_VSOCK, 0):
        pytest.skip("this kernel has no vsock")
    daemon = superd({"x": {"listen": "vsock:0", **ECHO}})
    (address,) = daemon.addresses("x")
    assert address.startswith("vsock:") and int(address.split(":")[1]) > 0


def records(path):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.settimeout(DEADLINE)
    client.connect(path)
    return client


def test_records_keep_their_bounds(superd, room):
    path = str(room / "x.sock")
    echo = "import os\nwhile record := os.read(0, 4096): os.write(1, record)"
    daemon = superd(
        {
            "x": {
                "listen": {"address": f"unix-seqpacket:{path}", "mode": "0600"},
                "run": ["/usr/bin/python3", "-c", echo],
                "user": "root" if os.geteuid() == 0 else str(os.geteuid()),
                "linger": "5s",
                "banner": {"accepted": "hello"},
            }
        }
    )
    assert os.stat(path).st_mode & 0o777 == 0o600
    with records(path) as client:
        assert client.recv(100) == b"hello"
        for record in (b"one", b"two two", b"x" * 4000):
            client.send(record)
            assert client.recv(8192) == record
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    daemon.log.wait_for("service 'x': ended .* exit=0")
    daemon.stop()
    assert not os.path.exists(path)


@pytest.mark.parametrize("family", ["mptcp", "unix-seqpacket"])
def test_a_handler_ends_with_its_client(superd, room, family):
    is_unix = family.startswith("unix")
    if not is_unix and not has(socket.AF_INET, MPTCP):
        pytest.skip("this kernel has no MPTCP")
    listen = f"{family}:{room / 'x.sock'}" if is_unix else f"{family}:127.0.0.1:0"
    waits = {"listen": listen, "run": ["/bin/sh", "-c", "echo; sleep 1000"], "on_client_gone": "stop"}
    daemon = superd({"x": waits})
    client = records(str(room / "x.sock")) if is_unix else inet_client(daemon.port("x"), MPTCP)
    assert client.recv(1) == b"\n"
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    daemon.log.wait_for("service 'x': ended .* stopped=client gone|ended .*client")


def test_an_answer_over_mptcp_is_not_lost(superd):
    if not has(socket.AF_INET, MPTCP):
        pytest.skip("this kernel has no MPTCP")
    answers = {"listen": "mptcp:127.0.0.1:0", "run": ["/bin/echo", "fine"], "linger": "20s"}
    daemon = superd({"x": answers})
    for _ in range(20):
        with inet_client(daemon.port("x"), MPTCP) as client:
            client.sendall(b"x" * 20_000)
            assert read_all(client) == b"fine\n"


def test_linger_is_not_for_sctp(room):
    told = check(room, {"x": {"listen": "sctp:7", "linger": "1s", **ECHO}})
    assert "'linger' is not for SCTP, and sctp:7 is" in told


def test_run_is_not_for_datagrams_of_unix(room):
    told = check(room, {"x": {"listen": f"unix-dgram:{room}/x", **ECHO}})
    assert "'run' is one process per peer" in told


def inheriting(sockets):
    """A prefix that hands these over as a service manager does."""
    moves = "".join(f"exec {3 + n}<&{50 + n} {50 + n}<&-\n" for n in range(len(sockets)))
    exports = f"export LISTEN_PID=$$ LISTEN_FDS={len(sockets)}"
    return ["/bin/bash", "-c", f'{moves}{exports}\nexec "$@"', "bash"]


def test_sockets_of_a_manager_are_matched_by_kind(superd, room):
    path = str(room / "s")
    with contextlib.ExitStack() as held:
        def made(*kind):
            return held.enter_context(socket.socket(*kind))

        seqpacket, unasked, udp = (
            made(socket.AF_UNIX, socket.SOCK_SEQPACKET),
            made(socket.AF_UNIX, socket.SOCK_DGRAM),
            made(socket.AF_INET, socket.SOCK_DGRAM),
        )
        seqpacket.bind(path)
        seqpacket.listen()
        unasked.bind(str(room / "d"))
        udp.bind(("127.0.0.1", 0))
        ours = [seqpacket, unasked, udp]
        for n, one in enumerate(ours):
            os.dup2(one.fileno(), 50 + n, inheritable=True)
            held.callback(os.close, 50 + n)
        inode = os.stat(path).st_ino
        daemon = superd(
            {"x": {"listen": f"unix-seqpacket:{path}", **ECHO}},
            prefix=inheriting(ours),
            pass_fds=[50 + n for n in range(len(ours))],
        )
        assert os.stat(path).st_ino == inode  # bound by us, not by superd
        for closed in (f"unix-dgram:{room}/d", f"udp:127.0.0.1:{udp.getsockname()[1]}"):
            daemon.log.wait_for(f"warning: no service listens on {closed}: the inherited socket")
        with records(path) as client:
            client.send(b"x")
            assert client.recv(10) == b"x"


def test_a_directory_is_made(superd, room):
    path = room / "a" / "b" / "x.sock"
    superd({"x": {"listen": {"address": f"unix:{path}", "make_directory": "0711"}, **ECHO}})
    assert ask(str(path), b"x") == b"x"
    assert path.parent.stat().st_mode & 0o777 == 0o711


def test_a_port_in_use_is_waited_for(superd):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        listen = {"address": f"127.0.0.1:{port}", "retry": True}
        daemon = superd({"x": {"listen": listen, **ECHO}, "y": ECHO})
        assert ask(daemon.port("y"), b"y") == b"y"
        daemon.log.wait_for(f"service 'x': 127.0.0.1:{port} waits until it can be bound: bind: Addr")
        status = daemon.control.service("x")
        assert (status["state"], status["waiting"]) == ("waiting", [f"127.0.0.1:{port}"])
        daemon.reload({"x": {"listen": listen, **ECHO, "nice": 1}, "y": ECHO})
    daemon.log.wait_for(f"service 'x': listening on 127.0.0.1:{port}")
    assert daemon.control.service("x")["state"] == "listening"
    assert ask(port, b"x") == b"x"
    assert len(daemon.log.find("waits until it can be bound")) == 1


def test_a_reload_ends_the_waiting(superd):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        waits = {"x": {"listen": {"address": f"127.0.0.1:{port}", "retry": True}, **ECHO}}
        daemon = superd({**waits, "y": ECHO})
        assert daemon.control.service("x")["state"] == "waiting"
        daemon.reload({"y": ECHO})
        daemon.reload({**waits, "y": ECHO})
        daemon.control.ask("pause", "x")
        daemon.control.ask("resume", "x")
        assert daemon.control.service("x")["state"] == "waiting"
        daemon.reload({"y": ECHO})
    assert not daemon.log.find(f"listening on 127.0.0.1:{port}")


def test_without_retry_it_is_an_error(room):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        assert f"port {port} is in use" in check(room, {"x": {"listen": f"127.0.0.1:{port}", **ECHO}})


def within(pid, *command):
    """In the network of that process."""
    subprocess.run(["nsenter", "-t", str(pid), "-n", *command], check=True, timeout=DEADLINE)


def test_an_address_and_an_interface_that_come(superd, as_root):
    services = {
        "address": {"listen": {"address": "192.0.2.1:79", "retry": True}, **ECHO},
        "interface": {"listen": {"address": "tcp4:80", "device": "late0", "retry": True}, **ECHO},
    }
    # Without any interface the kernel knows no local addresses, and lets all be bound.
    alone = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    daemon = superd(services, prefix=alone)
    daemon.log.wait_for("service 'address': 192.0.2.1:79 waits .*: bind: Cannot assign")
    daemon.log.wait_for("service 'interface': tcp4:80 waits .*: option 'device': No such device")
    within(daemon.pid, "ip", "address", "add", "192.0.2.1/32", "dev", "lo")
    daemon.log.wait_for("service 'address': listening on 192.0.2.1:79")
    assert daemon.control.service("interface")["state"] == "waiting"
    within(daemon.pid, "ip", "link", "add", "late0", "type", "veth", "peer", "name", "late1")
    daemon.log.wait_for("service 'interface': listening on tcp4:80")
    within(daemon.pid, "ip", "link", "delete", "late0")
    assert daemon.control.service("interface")["state"] == "listening"


def test_what_waits_is_waited_for_by_the_next_superd(superd):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        waits = {"listen": {"address": f"127.0.0.1:{port}", "retry": True}, **ECHO}
        daemon = superd({"x": waits})
        daemon.control.ask("upgrade")
        daemon.log.wait_for("upgraded from")
        assert daemon.control.service("x")["state"] == "waiting"
    daemon.log.wait_for(f"service 'x': listening on 127.0.0.1:{port}")
    assert ask(port, b"x") == b"x"
