# SPDX-License-Identifier: MIT
"""Servers behind `forward`, as a test wants them: each connection is answered by a function."""

import contextlib
import socket
import threading

from clients import reset
from patience import DEADLINE


class Upstream:
    """Listens; every connection is `answer`ed on a thread of its own, which closes it."""

    def __init__(self, answer, path=None):
        self.answer = answer
        self.path = path
        self.taken = []
        if path:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(path))
            self.listener.listen(100)
            path.chmod(0o777)
        else:
            self.listener = socket.create_server(("127.0.0.1", 0), backlog=1000)
            self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self):
        return f"unix:{self.path}" if self.path else f"127.0.0.1:{self.port}"

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.settimeout(DEADLINE)
            self.taken.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            self.answer(connection)
        except OSError:
            pass
        finally:
            connection.close()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
        self.listener.close()
        for connection in self.taken:
            connection.close()


def echo(connection):
    while data := connection.recv(1 << 16):
        connection.sendall(data)


def read_to_the_end_then_answer(connection):
    total = 0
    while data := connection.recv(1 << 16):
        total += len(data)
    connection.sendall(b"%d" % total)


def greet_then_echo(connection):
    connection.sendall(b"welcome\n")
    echo(connection)


def break_off(connection):
    connection.recv(1)
    reset(connection)


def say_end_and_go_on_listening(connection):
    """Says all it has to say before it has heard anything."""
    connection.sendall(b"that is all")
    connection.shutdown(socket.SHUT_WR)
    connection.recv(1 << 16)
