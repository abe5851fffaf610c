# SPDX-License-Identifier: MIT
"""superd's part towards superd-warm: a pair as the handler's input, a conversation at 3, and a
connection sent over the pair when there is one."""

import array
import contextlib
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

DEADLINE = 30 * float(os.environ.get("SUPERD_TEST_PATIENCE", "1"))  # seconds
PROGRAM = Path(os.environ["SUPERD_BUILD"], "bin/superd-warm").resolve()
HERE = Path(__file__).parent


def connected():
  """Two ends of a TCP connection: (the client's, the server's)."""
  with socket.create_server(("127.0.0.1", 0)) as listener:
    client = socket.create_connection(listener.getsockname(), timeout=DEADLINE)
    server, _ = listener.accept()
  server.settimeout(None)
  return client, server


class Warm:
  """A handler that was started ahead of its connection."""

  def __init__(self, command, longest=10, before=None, **how):
    program = shutil.which(command[0])
    self.pair, theirs = socket.socketpair()
    self.report, tells = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    self.report.settimeout(DEADLINE)
    self.pair.settimeout(DEADLINE)

    def lend():
      os.dup2(tells.fileno(), 3)
      os.closerange(4, 4096)
      os.setsid()
      if before:
        before()

    with theirs, tells:
      self.process = subprocess.Popen(
          [PROGRAM, str(int(longest * 1000)), program, *command], stdin=theirs, stdout=theirs,
          preexec_fn=lend, close_fds=False, **how)
    self.told = self.report.recv(4096).decode()
    self.is_ready = self.told == "ready"

  def take(self, connection):
    """Gives it a connection, which is closed here."""
    with connection:
      descriptor = array.array("i", [connection.fileno()])
      self.pair.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptor)])
    self.pair.close()

  def visit(self):
    client, server = connected()
    self.take(server)
    return client

  def end(self):
    return self.process.wait(DEADLINE)

  def let_go(self):
    self.pair.close()
    self.report.close()
    if self.process.poll() is None:
      with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(self.process.pid, 9)
      self.process.kill()
    self.process.wait(DEADLINE)


class Cold:
  """The same handler, started for its connection."""

  def __init__(self, command, **how):
    self.client, server = connected()
    with server:
      self.process = subprocess.Popen(command, stdin=server, stdout=server, start_new_session=True,
                                      **how)


@pytest.fixture
def warm():
  """warm(command, …): a Warm, let go at the end."""
  all_of_them = []

  def start(command, **how):
    all_of_them.append(Warm(command, **how))
    return all_of_them[-1]

  yield start
  for one in all_of_them:
    one.let_go()


def read_to_end(client):
  parts = []
  while part := client.recv(65536):
    parts.append(part)
  return b"".join(parts)


def eventually(true):
  deadline = time.monotonic() + DEADLINE
  while not true():
    assert time.monotonic() < deadline
    time.sleep(0.005)


@pytest.fixture(scope="session")
def build(tmp_path_factory):
  """build("stdio.c", "-static"): the path of one of the handlers here, compiled."""
  folder = tmp_path_factory.mktemp("handlers")
  built = {}

  def compiled(source, *options):
    key = (source, options)
    if key not in built:
      compiler = "c++" if source.endswith("cc") else "cc"
      if not shutil.which(compiler):
        pytest.skip(f"no {compiler}")
      built[key] = folder / f"{Path(source).stem}-{len(built)}"
      subprocess.run([compiler, "-O2", "-pthread", *options, "-o", built[key],
                      HERE / "handlers" / source], check=True, timeout=120)
    return str(built[key])

  return compiled
