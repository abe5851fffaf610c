# SPDX-License-Identifier: MIT
"""superctl under test: asked once, with a deadline; and in a terminal of its own, by tmux."""

import json
import os
import shlex
import subprocess

from daemon import BUILD
from patience import DEADLINE, wait_until

BINARY = BUILD.resolve() / "bin" / "superctl"


def superctl(
    *arguments,
    socket=None,
    prefix=(),
    binary=BINARY,
    environment=None,
    stdout=subprocess.PIPE,
    **options,
):
    """What it says and how it ends."""
    given = ["--socket", str(socket)] if socket else []
    clean = {name: value for name, value in os.environ.items() if name != "SUPERD_SOCKET"}
    return subprocess.run(
        [*map(str, prefix), str(binary), *given, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=DEADLINE,
        env={**clean, **(environment or {})},
        **options,
    )


def answer(*arguments, **options):
    """The JSON of a command that must go well."""
    ended = superctl("--json", *arguments, **options)
    assert (ended.returncode, ended.stderr) == (0, "")
    return json.loads(ended.stdout)


class Screen:
    """A command in a tmux of its own, which ends with it: its socket is in `room`. When the command
    has ended, the shell around it shows its status as `ended: N`."""

    def __init__(self, room, command, width=80, height=24, environment=None):
        self.tmux_socket = room / "tmux.sock"
        shown = " ".join(map(shlex.quote, map(str, command)))
        set_up = " ".join(
            f"{name}={shlex.quote(str(value))}" for name, value in (environment or {}).items()
        )
        shell = f"{set_up} {shown}; echo ended: $?; stty -a | grep -o -e '-*echo '; exec cat"
        size = ["-x", str(width), "-y", str(height)]
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, "sh", "-c", shell)
        self._tmux("set-option", "-g", "window-size", "manual")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._tmux("kill-server")

    def _tmux(self, *arguments):
        command = ["tmux", "-u", "-S", str(self.tmux_socket), *arguments]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.tmux_socket.parent),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
        }
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=DEADLINE, env=environment
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def lines(self):
        return self._tmux("capture-pane", "-p").splitlines()

    def text(self):
        return "\n".join(self.lines())

    def wait_for(self, *words):
        wait_until(
            lambda: all(word in self.text() for word in words),
            lambda: f"{words} on the screen:\n{self.text()}",
        )
        return self

    def wait_without(self, word):
        wait_until(
            lambda: word not in self.text(), lambda: f"no {word} on the screen:\n{self.text()}"
        )
        return self

    def press(self, *keys):
        self._tmux("send-keys", *keys)
        return self

    def resize(self, width, height):
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def pid_of(self, name):
        """The process of that name which the pane's shell started."""
        shell = self._tmux("display-message", "-p", "#{pane_pid}").strip()

        def find():
            listed = subprocess.run(
                ["ps", "-o", "pid=,comm=", "--ppid", shell],
                capture_output=True,
                text=True,
                timeout=DEADLINE,
            )
            for line in listed.stdout.splitlines():
                pid, comm = line.split(None, 1)
                if comm == name:
                    return int(pid)
            return None

        return wait_until(find, f"{name} in the terminal")
