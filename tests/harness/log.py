# SPDX-License-Identifier: MIT
"""superd's log as a test reads it: a growing file of lines, and one line taken apart."""

import os
import re
import threading
from pathlib import Path

from patience import wait_until

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:?\d\d"
TEXT_LINE = re.compile(TIME + " (debug|info|warning|error) (.*)")
FIELD = re.compile(r"(\w+)(?:<?=)(\S+)")


class Log:
    def __init__(self, path):
        self.path = Path(path)
        self.lines = []
        self._read = 0  # bytes of the file that are in `lines`

    def refresh(self):
        """All lines that are complete so far."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._read)
                text = file.read()
        except FileNotFoundError:
            return self.lines
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        self.lines += whole.decode(errors="replace").split("\n")[:-1]
        return self.lines

    def find(self, pattern):
        """Matches of a regular expression, one for each line that has one."""
        return [found for line in self.refresh() if (found := re.search(pattern, line))]

    def wait_for(self, pattern, count=1):
        """The matches, as soon as there are so many."""
        return wait_until(
            lambda: self._enough(pattern, count),
            lambda: f"{count} times /{pattern}/ in\n{self.tail()}",
        )

    def _enough(self, pattern, count):
        found = self.find(pattern)
        return found if len(found) >= count else None

    def event(self, service, event, count=1):
        """The fields of a service's `count`th event: "started pid=4711 …" -> {"pid": "4711", …}."""
        found = self.wait_for(f"service '{re.escape(service)}': ({event} .*)$", count)
        return dict(FIELD.findall(found[count - 1][1]))

    def tail(self, lines=40):
        return "\n".join(line[:300] for line in self.refresh()[-lines:])


class Reader(threading.Thread):
    """Reads superd's stderr from a pipe into the log's file; and sometimes doesn't."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = Path(path)
        self._reading, self.writing = os.pipe()
        self._may_read = threading.Event()
        self._may_read.set()

    def run(self):
        os.close(self.writing)  # superd has it
        with self.path.open("ab", buffering=0) as file:
            while self._may_read.wait() and (data := os.read(self._reading, 1 << 16)):
                file.write(data)

    def pause(self):
        """What is being read is read, no more."""
        self._may_read.clear()

    def resume(self):
        self._may_read.set()

    def close(self):
        self.resume()
        self.join()
        os.close(self._reading)
