# SPDX-License-Identifier: MIT
"""A network and a /etc of the tests' own: this process moves into new namespaces, once. Whatever is
changed there is gone with it."""

import ctypes
import os
import subprocess
from pathlib import Path

NEW_NET, NEW_MOUNT = 0x40000000, 0x00020000
NOBODY = 65534

FILES = {
    "resolv.conf": "nameserver 127.0.0.1\nsearch ours.example\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "hosts": "127.0.0.1 localhost\n192.0.2.77 written.example.org written\n",
    "passwd": "root:x:0:0::/:/bin/sh\nalice:x:1000:1000::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n",
    "group": "root:x:0:\nnogroup:x:65534:\n",
    "ld.so.cache": None,
}


def enter():
  """Absent, or why it can't be done."""
  if os.geteuid() != 0:
    return "needs root, for a network of its own"
  libc = ctypes.CDLL(None, use_errno=True)
  if libc.unshare(NEW_NET | NEW_MOUNT) != 0:
    return f"no namespaces here: {os.strerror(ctypes.get_errno())}"
  subprocess.run(["mount", "--make-rprivate", "/"], check=True, timeout=20)
  subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=20)
  kept = {name: Path("/etc", name).read_bytes() for name, text in FILES.items() if text is None}
  subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/etc"], check=True, timeout=20)
  for name, text in FILES.items():
    Path("/etc", name).write_bytes(kept[name] if text is None else text.encode())
  return None
