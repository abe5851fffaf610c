# SPDX-License-Identifier: MIT
"""A control group for one guest. The guest's systemd makes groups below the one it is started in:
here they are found again, and removed."""

import os
import re
from pathlib import Path

from patience import wait_until


def own_groups():
  """The folders of this process's groups in the hierarchies that systemd uses: one of its own name,
  the only one (v2), or both."""
  mounts = Path("/proc/self/mounts").read_text()
  for line in Path("/proc/self/cgroup").read_text().splitlines():
    _, controllers, path = line.split(":", 2)
    kind = {"": r"cgroup2 \S*", "name=systemd": r"cgroup \S*\bname=systemd\b"}.get(controllers)
    mount = kind and re.search(rf"^\S+ (\S+) {kind}", mounts, re.M)
    if mount:
      yield Path(mount[1]) / path.lstrip("/")


class Cgroup:
  def __init__(self, name):
    self.folders = [group / name for group in own_groups()]
    assert self.folders, "this machine mounts no control groups for systemd"
    for folder in self.folders:
      folder.mkdir()

  def enter(self):
    """For the process that becomes the guest."""
    for folder in self.folders:
      (folder / "cgroup.procs").write_text(str(os.getpid()))

  def remove(self):
    wait_until(self.is_removed, f"the guest's control groups are in use: {self.folders}")

  def is_removed(self):
    for folder in self.folders:
      for path, _, _ in os.walk(folder, topdown=False):
        try:
          os.rmdir(path)
        except OSError:              # its processes are being reaped
          return False
    return True
