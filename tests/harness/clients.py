# SPDX-License-Identifier: MIT
"""Clients of the services under test.

A target is a port on 127.0.0.1, a (host, port) pair or the name of a UNIX socket."""

import socket
import struct

from patience import DEADLINE

REMEMBER_NOTHING = struct.pack("ii", 1, 0)  # SO_LINGER that makes close() send a reset


def connect(target):
    """`target`: 7001, ("::1", 7001), "/run/x.sock" or "@abstract"."""
    if isinstance(target, str):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(DEADLINE)
        connection.connect("\0" + target[1:] if target.startswith("@") else target)
        return connection
    address = ("127.0.0.1", target) if isinstance(target, int) else target
    return socket.create_connection(address, timeout=DEADLINE)


def read_all(connection):
    """Everything up to the end of what the other side sends."""
    return b"".join(iter(lambda: connection.recv(1 << 20), b""))


def read_line(connection):
    """One line, byte by byte: what follows stays in the connection."""
    line = b""
    while not line.endswith(b"\n"):
        byte = connection.recv(1)
        assert byte, f"the connection ended after {line!r}"
        line += byte
    return line


def ask(target, request=b""):
    """Sends all of `request`, half-closes, and returns the whole answer."""
    with connect(target) as connection:
        if request:
            connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


def reset(connection):
    """Ends a TCP connection with a reset instead of an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, REMEMBER_NOTHING)
    connection.close()


def refuses(target):
    try:
        connect(target).close()
    except (ConnectionRefusedError, FileNotFoundError):
        return True
    return False
