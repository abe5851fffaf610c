# SPDX-License-Identifier: MIT
"""A container on the Debian root, with systemd as its init or without any. It has a network of its
own, of loopback only, and what it writes is gone with it."""

import ctypes
import os
import shutil
import signal
import subprocess
from pathlib import Path

from cgroup import Cgroup
from patience import DEADLINE, wait_until

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
ENVIRONMENT = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "TERM=dumb"]


def is_apart(pid):
  """Whether it has processes of its own: nspawn's first child has not, and goes when the guest is there."""
  try:
    return os.readlink(f"/proc/{pid}/ns/pid") != os.readlink("/proc/self/ns/pid")
  except OSError:
    return False


class Guest:
  """`stage` is what 'cmake --install' made; it is copied into the guest. To be used by 'with'."""

  def __init__(self, root, stage, room, init):
    self.init = init
    self.name = f"superd-test-{os.getpid()}-{room.name}"
    self.console = room / "console.log"
    self.cgroup = Cgroup(self.name)
    start = ["--boot"] if init else ["--as-pid2", "sleep", "infinity"]
    with self.console.open("w") as console:
      self.process = subprocess.Popen(
          ["systemd-nspawn", "--quiet", "--directory", root, "--volatile=overlay",
           "--machine", self.name, "--register=no", "--keep-unit", "--private-network",
           f"--bind-ro={stage}:/stage", "--console=pipe", *start],
          stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
          env={**os.environ, "TMPDIR": str(room)}, preexec_fn=self.enter, start_new_session=True)

  def enter(self):
    """In the new process: it has to go even where the tests are killed."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    self.cgroup.enter()

  def __enter__(self):
    try:
      wait_until(self.is_up, self.said)
      self.run("cp", "-a", "/stage/.", "/")
      if self.init:
        self.run("systemctl", "daemon-reload")
    except BaseException:
      self.stop()
      raise
    return self

  def __exit__(self, *_):
    self.stop()

  def said(self):
    return f"the guest isn't up; its console:\n{self.console.read_text()[-3000:]}"

  def find_leader(self):
    assert self.process.poll() is None, self.said()
    children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
    return next(filter(is_apart, children.split()), None)

  def is_up(self):
    self.leader = self.find_leader()
    if not self.leader:
      return False
    if not self.init:
      return self.run("test", "-d", "/stage/usr", check=False).returncode == 0
    state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
    assert state != "degraded", self.run("systemctl", "--failed", "--no-pager").stdout
    return state == "running"

  def command(self, *words):
    return ["nsenter", "--target", self.leader, "--all", *ENVIRONMENT, *map(str, words)]

  def run(self, *words, check=True, stdin=""):
    """A command in the guest, with its output as text."""
    ended = subprocess.run(self.command(*words), input=stdin, capture_output=True, text=True,
                           timeout=2 * DEADLINE, check=False)
    assert ended.returncode == 0 or not check, f"{words}: {ended}"
    return ended

  def write(self, path, text):
    self.run("sh", "-c", f"mkdir -p {os.path.dirname(path)} && cat >{path}", stdin=text)

  def stop(self):
    """Halts it, and removes what it leaves on this machine."""
    for number in (signal.SIGTERM, signal.SIGKILL):
      if self.process.poll() is None:
        self.process.send_signal(number)
      try:
        self.process.wait(timeout=DEADLINE)
        break
      except subprocess.TimeoutExpired:
        continue
    self.cgroup.remove()
    shutil.rmtree(f"/run/systemd/nspawn/propagate/{self.name}", ignore_errors=True)
