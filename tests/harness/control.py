# SPDX-License-Identifier: MIT
"""A client of the control socket, as docs/CONTROL.md describes it: a line there, lines of JSON back."""

import contextlib
import json
import shlex
import socket

from patience import DEADLINE


class Control:
    def __init__(self, path):
        self.path = str(path)

    def connect(self):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(DEADLINE)
        client.connect(self.path)
        return client

    def lines(self, request):
        """All that superd answers to these bytes."""
        with self.connect() as client, client.makefile("rb") as answer:
            client.sendall(request)
            return [json.loads(line) for line in answer]

    def reply(self, *words):
        """The first line of the answer."""
        return self.lines(shlex.join(map(str, words)).encode() + b"\n")[0]

    def ask(self, *words):
        """The answer to a request that is to succeed."""
        reply = self.reply(*words)
        assert reply["ok"], reply
        return reply

    def refused(self, *words):
        """The answer to one that isn't."""
        reply = self.reply(*words)
        assert not reply["ok"], reply
        return reply

    def service(self, name):
        """A service, as `status` tells it."""
        (service,) = self.ask("status", name)["services"]
        return service

    def daemon(self):
        return self.ask("status")["daemon"]

    def connections(self, *services):
        return self.ask("ps", *services)["connections"]

    @contextlib.contextmanager
    def follow(self, *options):
        """The events from now on, and those remembered, as they come."""
        with self.connect() as client, client.makefile("rb") as answer:
            client.sendall(shlex.join(["events", "--follow", *options]).encode() + b"\n")
            assert json.loads(answer.readline())["ok"]
            yield (json.loads(line) for line in answer)
