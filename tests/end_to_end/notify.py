# SPDX-License-Identifier: MIT
"""A service manager: what superd tells it by sd_notify(3), the sockets it keeps, and a superd that is
started with them."""

import fcntl
import os
import socket
import threading

import daemon
from patience import wait_until

FIRST_HIGH = 200  # out of the way of 3, 4, … where superd is to find its sockets


class Manager:
    def __init__(self, path):
        self.path = str(path)
        self.messages = []  # lists of lines, in the order they came
        self.store = {}  # name: descriptor
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        os.chmod(self.path, 0o666)
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.go()
        self.drop()

    def go(self):
        """Hears nothing any more; can be called again."""
        if os.path.exists(self.path):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
                end.sendto(b"", self.path)
            self._thread.join()
            self._socket.close()
            os.unlink(self.path)

    def drop(self):
        """Closes what it keeps."""
        while self.store:
            os.close(self.store.popitem()[1])

    def _receive(self):
        while True:
            text, descriptors, _, _ = socket.recv_fds(self._socket, 1 << 16, 16)
            if not text:
                return
            lines = text.decode().split("\n")
            self._keep(dict(line.split("=", 1) for line in lines if "=" in line), descriptors)
            self.messages.append(lines)

    def _keep(self, words, descriptors):
        name = words.get("FDNAME")
        if "FDSTORE" in words:
            (descriptor,) = descriptors
            self.keep(name, descriptor)
            os.close(descriptor)
        if "FDSTOREREMOVE" in words:
            self._forget(name)

    def keep(self, name, descriptor):
        """A duplicate of it."""
        self._forget(name)
        self.store[name] = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, FIRST_HIGH)

    def _forget(self, name):
        if name in self.store:
            os.close(self.store.pop(name))

    def told(self, line):
        """Messages that begin with this word, such as "READY=1"."""
        return [message for message in self.messages if message[0].startswith(line)]

    def wait_for(self, line, count=1):
        return wait_until(
            lambda: found if len(found := self.told(line)) >= count else None,
            lambda: f"{count} times {line} among {self.messages}",
        )

    def environment(self, **more):
        return {"NOTIFY_SOCKET": self.path, **more}

    def start(self, room, services, settings=None, names=None, **options):
        """superd as a service of this manager, with the sockets that it keeps."""
        kept = list(self.store.items())
        moves = "".join(f"exec {3 + n}<&{fd}\n" for n, (_, fd) in enumerate(kept))
        closes = "".join(f"exec {fd}<&-\n" for _, fd in kept)
        script = f'{moves}{closes}export LISTEN_PID=$$ WATCHDOG_PID=$$\nexec "$@"'
        environment = self.environment(**options.pop("environment", {}))
        if kept:
            environment["LISTEN_FDS"] = str(len(kept))
            environment["LISTEN_FDNAMES"] = ":".join(names or [name for name, _ in kept])
        name = options.pop("name", "superd")
        file = room / f"{name}.yaml"
        file.write_text(daemon.table(services, settings), encoding="utf-8")
        return daemon.Superd(
            room,
            ["--config", file, *options.pop("arguments", [])],
            prefix=["/bin/bash", "-c", script, "bash"],
            environment=environment,
            pass_fds=[fd for _, fd in kept],
            name=name,
            **options,
        )
