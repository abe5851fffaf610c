# SPDX-License-Identifier: MIT
"""A network and a /run of the tests' own: this process moves into new namespaces, once. rpcbind has
port 111 and /run/rpcbind.sock there, and nothing of the machine's is touched."""

import ctypes
import os
import re
import signal
import socket
import struct
import subprocess
from pathlib import Path

import processes
from patience import DEADLINE, wait_until

NEW_NET, NEW_MOUNT = 0x40000000, 0x00020000
SOCKET = "/run/rpcbind.sock"


def enter():
    """Absent, or why it can't be done."""
    if os.geteuid() != 0:
        return "needs root, for a network of its own"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_NET | NEW_MOUNT) != 0:
        return f"no namespaces here: {os.strerror(ctypes.get_errno())}"
    for command in (
        ["mount", "--make-rprivate", "/"],
        ["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run"],
        ["ip", "link", "set", "lo", "up"],
    ):
        subprocess.run(command, check=True, timeout=DEADLINE)
    return None


class Rpcbind:
    """A real one; `with` ends it."""

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        Path(SOCKET).unlink(missing_ok=True)  # it leaves it, as it does when it is killed

    def launch(self):
        return subprocess.Popen(["rpcbind", "-f"], stdin=subprocess.DEVNULL)

    def start(self):
        self.process = self.launch()
        processes.ours.add(self.process.pid)
        wait_until(answers, "an answer of rpcbind")
        return self

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(DEADLINE)
        processes.ours.discard(self.process.pid)


class ActivatedRpcbind(Rpcbind):
    """One whose socket is a service manager's, and outlives it."""

    def __enter__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(SOCKET)
        self.socket.listen(64)
        return super().__enter__()

    def __exit__(self, *_):
        super().__exit__()
        self.socket.close()

    def launch(self):
        held = self.socket.fileno()
        script = f"exec 3<&{held}; LISTEN_FDS=1 LISTEN_PID=$$ exec rpcbind -f"
        return subprocess.Popen(["bash", "-c", script], stdin=subprocess.DEVNULL, pass_fds=[held])


def answers():
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(SOCKET) == 0 and rpcinfo("-s").returncode == 0


def rpcinfo(*words):
    command = ["rpcinfo", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE)


def table(program):
    """What rpcbind has: {(version, netid): (address, owner)}."""
    rows = {}
    for line in rpcinfo().stdout.splitlines()[1:]:
        number, version, netid, address, _, owner = line.split()
        if int(number) == program:
            rows[int(version), netid] = (address, owner)
    return rows


def port_of(address):
    """That of a universal address."""
    high, low = re.search(r"(\d+)\.(\d+)$", address).groups()
    return int(high) * 256 + int(low)


def call(kind, program, version, netid, address):
    """SET (1) or UNSET (2) as whoever this process is: what rpcbind says."""
    def word(text):
        data = text.encode()
        return struct.pack(">I", len(data)) + data + b"\0" * (-len(data) % 4)

    body = struct.pack(">10I", 7, 0, 2, 100000, 3, kind, 0, 0, 0, 0)
    body += struct.pack(">II", program, version) + word(netid) + word(address) + word("")
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(DEADLINE)
        client.connect(SOCKET)
        client.sendall(struct.pack(">I", 0x80000000 | len(body)) + body)
        return client.recv(100)[-1] == 1
