# SPDX-License-Identifier: MIT
"""superd-lookup as superd runs it: as nobody, with a conversation as stdin and stdout; in a network
where the only name server is the test's."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

import namespace
from name_server import NameServer

DEADLINE = 30 * float(os.environ.get("SUPERD_TEST_PATIENCE", "1"))  # seconds
PROGRAM = Path(os.environ["SUPERD_BUILD"], "bin/superd-lookup").resolve()
AS_NOBODY = {"user": namespace.NOBODY, "group": namespace.NOBODY, "extra_groups": []}
# As superd starts it; the sanitizers' settings besides.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "RES_OPTIONS": "timeout:2 attempts:2", "LOCALDOMAIN": ".",
               **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}}


class Conversation:
  def __init__(self, program, errors):
    self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    self.socket.settimeout(DEADLINE)
    with theirs:
      self.process = subprocess.Popen([program], stdin=theirs, stdout=theirs, stderr=errors,
                                      env=ENVIRONMENT, **AS_NOBODY)
    self.number = 0

  def send(self, question):
    self.number += 1
    self.socket.send(f"{self.number} {question}".encode())
    return self.number

  def receive(self):
    """(number, answer) of whatever is answered next."""
    number, answer = self.socket.recv(8192).decode().split(" ", 1)
    return int(number), answer

  def ask(self, question):
    number = self.send(question)
    answered, answer = self.receive()
    assert answered == number
    return answer

  def names_of(self, address):
    return sorted(self.ask(f"names {address}").split(" ")[1:])

  def hosts_access(self, remote, daemon="sshd", local="198.51.100.1"):
    return self.ask(f"hosts_access {daemon} {remote} 50000 {local} 22")

  def end(self):
    self.socket.close()
    try:
      return self.process.wait(DEADLINE)
    finally:
      self.process.kill()


@pytest.fixture(scope="session")
def network():
  """The only name server there is; each test gives it a zone."""
  if why := namespace.enter():
    pytest.skip(why)
  return NameServer()


@pytest.fixture
def names(network):
  """names({("name", "A"): ["192.0.2.1"]}, slow={"ending": seconds}): what the server knows."""

  network.learn({})
  return network.learn


@pytest.fixture
def room():
  """A folder of nobody's, open to all."""
  path = Path(tempfile.mkdtemp(prefix="superd-test-"))
  if os.geteuid() == 0:  # others have no network here, and only see that people are sent away
    os.chown(path, namespace.NOBODY, namespace.NOBODY)
  path.chmod(0o755)
  yield path
  shutil.rmtree(path)


@pytest.fixture
def program(room):
  """A copy that any user can run, wherever the build tree is; not readable, as it is installed."""
  copy = room / "superd-lookup"
  shutil.copy(PROGRAM, copy)
  copy.chmod(0o711)
  return copy


@pytest.fixture
def lookup(names, program, room):
  """A running superd-lookup, and that it ends well with its conversation."""
  with (room / "errors").open("wb") as errors:
    conversation = Conversation(program, errors)
  yield conversation
  if conversation.process.returncode is None:
    assert conversation.end() == 0, (room / "errors").read_text()


@pytest.fixture
def errors(room):
  return lambda: (room / "errors").read_text()


def is_alive(pid):
  """Neither gone nor a zombie that somebody else's parent leaves."""
  try:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
  except OSError:
    return False


def wait_until(condition, what):
  end = time.monotonic() + DEADLINE
  while not (value := condition()):
    assert time.monotonic() < end, what
    time.sleep(0.01)
  return value
