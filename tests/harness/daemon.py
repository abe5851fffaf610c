# SPDX-License-Identifier: MIT
"""superd under test: started with a table, waited for, and always ended, by pid. Then all is
checked that must hold at any end: its exit status, no report of a sanitizer, no process left."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import processes
from control import Control
from log import Log
from patience import DEADLINE

BUILD = Path(os.environ.get("SUPERD_BUILD") or Path(__file__).resolve().parents[2] / "build")
BINARY = BUILD.resolve() / "bin" / "superd"
SANITIZER_REPORT = r"ERROR: \w+Sanitizer|runtime error:|WARNING: ThreadSanitizer"


def has_sanitizer():
    return b"__asan_init" in BINARY.read_bytes() or b"__tsan_init" in BINARY.read_bytes()


def table(services, daemon=None, defaults=None):
    """A configuration: JSON, which is YAML too. Unless a test says otherwise, each service listens
    on a port that the kernel picks, and handlers have little time to finish at the end; the control
    socket is where the command line says."""
    services = {name: {"listen": "127.0.0.1:0", **keys} for name, keys in services.items()}
    settings = {"stop_after": "200ms", "control": "none", **(daemon or {})}
    document = {"daemon": settings, "services": services}
    if defaults:
        document["defaults"] = defaults
    return json.dumps(document, indent=2)


def place_for_any_user(room):
    """Where a superd that isn't root can bind its control socket."""
    place = room / "control"
    place.mkdir(exist_ok=True)
    place.chmod(0o777)
    return place


def state_of(room, name):
    """Where a superd of this name keeps its state, as any user: never where the machine's own does.
    The next of the same name has it, too."""
    state = room / f"{name}.state"
    state.mkdir(exist_ok=True)
    state.chmod(0o777)
    return state


def run(*arguments, **options):
    """superd for a moment: what it says and how it ends. It finds no state of another."""
    options.setdefault("env", {**os.environ, "STATE_DIRECTORY": "/proc/no-state"})
    command = [str(BINARY), *map(str, arguments)]
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        **options,
    )


class Superd:
    """`prefix` is a command that ends in exec of its arguments: prlimit, setpriv and their like.
    Without `stderr`, a descriptor, the log is a file in `room`. Its control socket is in `room`,
    too, unless `control` says that the table is to be followed."""

    def __init__(
        self,
        room,
        arguments,
        prefix=(),
        environment=None,
        binary=BINARY,
        name="superd",
        stderr=None,
        control=True,
        **popen,
    ):
        self.log = Log(room / f"{name}.log")
        self.control = Control(place_for_any_user(room) / name)
        self.table_file = room / f"{name}.yaml"
        self.state = state_of(room, name)
        place = ["--control", self.control.path] if control else []
        with self.log.path.open("wb") as file:
            self.process = subprocess.Popen(
                [*map(str, [*prefix, binary, *place, *arguments])],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=file if stderr is None else stderr,
                env={**os.environ, "STATE_DIRECTORY": str(self.state), **(environment or {})},
                **popen,
            )
        self.pid = self.process.pid
        self.expected_status = 0
        processes.ours.add(self.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def wait_ready(self):
        self.log.wait_for(r"superd: ready, |ERROR: \w+Sanitizer")
        assert self.process.poll() is None, self.log.tail()
        return self

    def addresses(self, service):
        """What a service listens on, as the log says."""
        found = self.log.find(f"service '{re.escape(service)}': listening on (.*)$")
        assert found, f"'{service}' listens nowhere:\n{self.log.tail()}"
        return [match[1] for match in found]

    def port(self, service, number=0):
        return int(self.addresses(service)[number].rpartition(":")[2])

    def write(self, services, settings=None, defaults=None):
        """Another table, for the next reload."""
        self.table_file.write_text(table(services, settings, defaults), encoding="utf-8")

    def reload(self, services, settings=None, defaults=None):
        """Puts another table to use; what superd answers."""
        self.write(services, settings, defaults)
        return self.control.ask("reload")

    def reload_refused(self, services, settings=None, defaults=None):
        """The same where superd is to refuse it."""
        self.write(services, settings, defaults)
        return self.control.refused("reload")

    def signal(self, number):
        self.process.send_signal(number)

    def wait_end(self):
        return self.process.wait(timeout=DEADLINE)

    def stop_and_leave(self, child):
        """Ends it; this process of a handler's goes on, and the test ends it."""
        processes.ours.add(child)
        try:
            self.stop()
        finally:
            processes.ours.discard(child)

    def kill(self):
        self.expected_status = -signal.SIGKILL
        self.signal(signal.SIGKILL)
        self.wait_end()

    def stop(self):
        """Ends it if need be; can be called again."""
        try:
            if self.process.poll() is None:
                self.signal(signal.SIGTERM)
            status = self.wait_end()
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            processes.ours.discard(self.pid)
            left = processes.take_orphans()
            print(self.log.tail())
        assert not self.log.find(SANITIZER_REPORT)
        assert status == self.expected_status
        assert not left, f"still running after superd's end: {left}"


def launch(room, services, settings=None, name="superd", **options):
    """superd with a table of these; not waited for, since its log may be anywhere."""
    file = room / f"{name}.yaml"
    file.write_text(table(services, settings), encoding="utf-8")
    return Superd(room, ["--config", file], name=name, **options)
