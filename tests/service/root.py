# SPDX-License-Identifier: MIT
"""A Debian root with systemd and what superd's programs need, made once by debootstrap and kept in
the build directory: guests see it through an overlay, and never change it."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

MAKING = 900  # seconds: a slow mirror
PACKAGES = ["systemd", "systemd-sysv", "netcat-openbsd"]


def said(*command):
  return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def suite():
  text = Path("/etc/os-release").read_text()
  found = re.search(r"^VERSION_CODENAME=(\w+)$", text, re.M)
  assert found and re.search(r"^ID=debian$", text, re.M), "the guest is made as this machine: Debian"
  return found[1]


def mirror(codename):
  """Where this machine has its own packages from."""
  targets = said("apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)",
                 "Created-By: Packages")
  found = re.search(rf"^{codename} main (http\S+)$", targets, re.M)
  assert found, f"no source of {codename} main in /etc/apt:\n{targets}"
  return found[1]


def proxy():
  """apt's own setting, which debootstrap doesn't read."""
  found = re.search(r"^proxy='(.+)'$", said("apt-config", "shell", "proxy", "Acquire::http::Proxy"))
  return {"http_proxy": found[1]} if found else {}


def libraries(programs):
  """The packages of the shared libraries that the programs are linked with."""
  paths = set(re.findall(r"=> (/\S+)", said("ldd", *map(str, programs))))
  names = {name for path in paths for name in (path, os.path.realpath(path))}
  # A merged /usr: dpkg knows a file by the name its package has for it.
  names |= {f"/usr{name}" for name in names} | {name.removeprefix("/usr") for name in names}
  owners = subprocess.run(["dpkg-query", "--search", *sorted(names)], capture_output=True,
                          text=True, timeout=60, check=False).stdout
  return sorted(set(re.findall(r"^([a-z0-9.+-]+)(?::\w+)?: ", owners, re.M)))


def debian_root(build, programs):
  """The path of the root. A second call, or run, finds what the first has made."""
  codename = suite()
  wanted = PACKAGES + libraries(programs)
  key = hashlib.sha256(" ".join([codename, *wanted]).encode()).hexdigest()[:12]
  folder = build / "debian"
  folder.mkdir(exist_ok=True)
  root = folder / f"root-{key}"
  with (folder / "lock").open("w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    if not root.exists():
      make(root, codename, wanted)
  return root


def make(root, codename, packages):
  for older in root.parent.glob("root-*"):
    shutil.rmtree(older)
  unfinished = root.with_name("unfinished")
  shutil.rmtree(unfinished, ignore_errors=True)
  log = root.with_name("debootstrap.log")
  with log.open("w") as output:
    made = subprocess.run(
        ["debootstrap", "--variant=minbase", "--include=" + ",".join(packages), codename,
         unfinished, mirror(codename)],
        stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, timeout=MAKING,
        env={**os.environ, **proxy()}, check=False)
  assert made.returncode == 0, f"debootstrap failed; {log} ends with:\n{log.read_text()[-2000:]}"
  unfinished.rename(root)
