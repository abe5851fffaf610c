# SPDX-License-Identifier: MIT
"""Clients that connect all the time, and count exactly what became of it."""

import json
import subprocess

import processes
from patience import DEADLINE, wait_until


class Crowd:
    """`clients` at once, each with one connection after the other to `target`, a port on 127.0.0.1
    or a path. Every answer must be one of `answers`."""

    def __init__(self, program, target, answers, clients=64):
        command = [program, str(target), str(clients)]
        command += [answer.decode() for answer in answers]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        processes.ours.add(self._process.pid)
        self.clients = clients
        self.result = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
        processes.ours.discard(self._process.pid)

    def _tally(self):
        return json.loads(self._process.stdout.readline())

    def served(self):
        """How many connections were answered so far."""
        self._process.stdin.write(b"?")
        self._process.stdin.flush()
        return self._tally()["served"]

    def wait_for_more(self, count=None):
        """Until so many more have been answered; without a number, some of them began after this
        call."""
        begin, count = self.served(), count or self.clients + 1
        wait_until(lambda: self.served() >= begin + count, f"{count} more answers")

    def end(self):
        """The connections under way are finished; then what became of all: {"served": 17,
        "answers": {"hi\\\\n": 17}, "failed": 0, "faults": {"connect: Connection refused": 1}}"""
        if self.result is None:
            try:
                self._process.stdin.close()
                self.result = self._tally()
                self._process.wait(timeout=DEADLINE)
            finally:
                if self._process.poll() is None:
                    self._process.kill()
                    self._process.wait()
                self._process.stdout.close()
        return self.result

    def check(self):
        """Not one may have failed."""
        result = self.end()
        assert result["failed"] == 0 and result["served"] > 0, result
        return result
