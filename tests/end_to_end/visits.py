# SPDX-License-Identifier: MIT
"""Visitors with addresses of their own: all of 127.0.0.0/8 is this machine."""

import contextlib
import socket
import threading

from clients import read_all, read_line, reset
from patience import DEADLINE

GREETING = b"in\n"
# Greets, then stays until the client says something or goes.
STAYS = {"run": ["/bin/sh", "-c", "echo in; read word; echo bye"]}
GREETS = {"run": ["/bin/echo", "in"]}


def connect_from(source, port, host="127.0.0.1"):
    return socket.create_connection((host, port), DEADLINE, source_address=(source, 0))


def visit(port, source="127.0.0.1", host="127.0.0.1"):
    """All that a visitor is sent who says nothing."""
    with connect_from(source, port, host) as client:
        return read_all(client)


@contextlib.contextmanager
def stay(port, source="127.0.0.1"):
    """A visitor who has been let in, and stays."""
    with connect_from(source, port) as client:
        assert read_line(client) == GREETING
        yield client


def leave(client):
    """The visitor's handler ends."""
    client.sendall(b"\n")
    assert read_all(client) == b"bye\n"


class Flood:
    """Visits from one address, at full speed, from several threads, until the end of the block."""

    def __init__(self, port, source, threads=4):
        self._target = ("127.0.0.1", port)
        self._source = source
        self._over = threading.Event()
        self.visits = 0
        self._threads = [threading.Thread(target=self._run) for _ in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self):
        while not self._over.is_set():
            # Its own failures are its own matter.
            with contextlib.suppress(OSError):
                client = socket.create_connection(
                    self._target, DEADLINE, source_address=(self._source, 0)
                )
                with contextlib.suppress(OSError):
                    client.recv(100)
                reset(client)
                self.visits += 1
