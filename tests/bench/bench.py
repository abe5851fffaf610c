# SPDX-License-Identifier: MIT
"""What all that is measured here shares: the programs, a folder, servers and their end, targets."""

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = os.geteuid() == 0


class Bench:
  """The programs, a folder for configurations and logs, and the end of all that is started."""

  def __init__(self, options, ends):
    self.options = options
    self.ends = ends
    self.superd = options.build_dir.resolve() / "bin" / "superd"
    if not self.superd.exists():
      sys.exit(f"{self.superd} is not there; build first: cmake --build {options.build_dir}")
    self.folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="superd-bench-")))
    self.folder.chmod(0o755)                      # nobody must reach the handler
    built = options.build_dir.resolve() / "bench"
    built.mkdir(exist_ok=True)
    self.loop = compile_c(built, "loop", "-pthread")
    self.refuse = compile_c(built, "refuse")
    self.load = compile_c(built, "load")
    self.datagram_loop = compile_c(built, "datagram_loop")
    self.datagram_load = compile_c(built, "datagram_load")
    self.handler = shutil.copy(compile_c(built, "handler", "-static"), self.folder)
    self.answer = shutil.copy(compile_c(built, "answer", "-static"), self.folder)
    print(f"{os.cpu_count()} processors, Linux {os.uname().release}; {options.rounds} rounds of "
          f"{options.seconds:g} s for each line; everything runs as {getpass.getuser()}")

  def start(self, name, command, **more):
    """Starts a server that is ended when the bench ends; what it prints goes to NAME.out."""
    with open(self.folder / f"{name}.out", "wb") as out:
      process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                 **{"stdout": out, "stderr": out, **more})
    self.ends.callback(end, process)
    return process


def compile_c(folder, name, *flags):
  program = folder / name
  command = ["cc", "-O2", "-Wall", "-Wextra", "-o", program, HERE / f"{name}.c", *flags]
  subprocess.run(command, check=True, timeout=120)
  return program


def end(process):
  process.terminate()
  try:
    process.wait(10)
  except subprocess.TimeoutExpired:
    process.kill()
    process.wait(10)


@dataclass
class Server:
  name: str
  process: subprocess.Popen
  port: int


def free_port():
  with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    return s.getsockname()[1]


def serving(bench, server, patience=10.0):
  """`server`, once it answers on its port."""
  deadline = time.monotonic() + patience
  while time.monotonic() < deadline and server.process.poll() is None:
    with contextlib.suppress(OSError):
      with socket.create_connection(("127.0.0.1", server.port), timeout=2) as s:
        if s.recv(3):
          return server
    time.sleep(0.05)
  sys.exit(f"{server.name} does not answer:\n" + "".join(
      f"{path.name}: {path.read_text(errors='replace')[-1000:]}"
      for path in sorted(bench.folder.glob("*.out"))))


def installed(name):
  path = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
  program = shutil.which(name, path=path)
  if not program:
    print(f"{name} is not installed: left out")
  return program


def wait_until_ready(process, log, patience):
  deadline = time.monotonic() + patience
  while time.monotonic() < deadline and process.poll() is None:
    if log.exists() and "superd: ready" in log.read_text(errors="replace"):
      return
    time.sleep(0.05)


def cpu_seconds(server):
  """User and system time of all threads: the sum in /proc/PID/stat, but in ns instead of ticks."""
  return time.clock_gettime(~server.process.pid << 3 | 2)    # clock_getcpuclockid(3)


def target(what, value, direction, bound):
  met = value >= bound if direction == "at least" else value <= bound
  print(f"  {'met   ' if met else 'MISSED'}  {what}: {value:.2f}, {direction} {bound}")
  return met
