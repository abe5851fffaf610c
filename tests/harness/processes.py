# SPDX-License-Identifier: MIT
"""What /proc tells about processes; and superd's orphans, which become this process's children."""

import ctypes
import os
import signal
import time
from pathlib import Path

from patience import PATIENCE, wait_until

PR_SET_CHILD_SUBREAPER = 36
ours = set()  # children that a test started itself and ends itself


def adopt_orphans():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _stat(pid):
    """State and parent of a process; None if there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="latin-1")
    except OSError:
        return None
    state, parent = text.rpartition(")")[2].split()[:2]
    return state, int(parent)


def is_alive(pid):
    found = _stat(pid)
    return found is not None and found[0] not in "ZX"


def children_of(parent):
    """Pids of all children, zombies too."""
    pids = (int(name) for name in os.listdir("/proc") if name.isdigit())
    return [pid for pid in pids if (found := _stat(pid)) and found[1] == parent]


def wait_gone(pid):
    wait_until(lambda: not is_alive(pid), f"the end of process {pid}")


def end(pid):
    """Ends a process that a test made superd start and that nobody else ends."""
    if is_alive(pid):
        os.kill(pid, signal.SIGKILL)
    wait_gone(pid)


def end_adopted(pid):
    """TERM to a process that went into the background, as soon as it is this one's; its status."""
    parent = str(os.getpid())
    wait_until(lambda: status_of(pid, "PPid") == parent, f"adoption of process {pid}")
    os.kill(pid, signal.SIGTERM)
    wait_gone(pid)
    return os.waitpid(pid, 0)[1]


def take_orphans():
    """Reaps what superd left to us. Returns the pids that run on, after ending them: who was killed
    may take a moment to be gone."""
    orphans = set(children_of(os.getpid())) - ours
    end = time.monotonic() + 2 * PATIENCE
    while any(map(is_alive, orphans)) and time.monotonic() < end:
        time.sleep(0.01)
    running = [pid for pid in orphans if is_alive(pid)]
    for pid in orphans:
        if pid in running:
            os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(pid, 0)
        except ChildProcessError:
            pass
    return running


def status_of(pid, name):
    """A field of /proc/PID/status: "VmRSS" -> "3712 kB"."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="latin-1").splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return value.strip()
    return None


def processor_ticks(pid):
    """Processor time used so far, all threads, in clock ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="latin-1").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def resident_kilobytes(pid):
    return int(status_of(pid, "VmRSS").split()[0])


def descriptors_of(pid):
    """How many descriptors a process has; None where only root may look."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except PermissionError:
        return None
