# SPDX-License-Identifier: MIT
"""Who uses superd in a guest: netcat for one question, a held connection, many short ones."""

import contextlib
import ctypes
import socket
import threading
import time
from dataclasses import dataclass, field

from patience import DEADLINE, wait_until

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000


def ask(guest, port, request=""):
  """The whole answer; None where nobody listens."""
  asked = guest.run("nc", "-N", "-w", "10", "127.0.0.1", port, check=False, stdin=request)
  return asked.stdout if asked.returncode == 0 else None


class Client(threading.Thread):
  """A thread in the guest's network, which sockets made in it belong to for good (setns(2))."""

  def __init__(self, guest, work):
    super().__init__(daemon=True)
    self.network, self.work = f"/proc/{guest.leader}/ns/net", work
    self.start()

  def run(self):
    with open(self.network, "rb") as network:
      assert LIBC.setns(network.fileno(), CLONE_NEWNET) == 0
    self.work()


class Conversation:
  """A connection that stays open."""

  def __init__(self, guest, port):
    client = Client(guest, lambda: self.connect(port))
    client.join(DEADLINE)
    self.lines = self.connection.makefile("r")

  def connect(self, port):
    self.connection = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)

  def __enter__(self):
    return self

  def __exit__(self, *_):
    self.lines.close()
    self.connection.close()

  def say(self, line):
    self.connection.sendall(f"{line}\n".encode())
    return self.hear()

  def hear(self):
    """The next line; "" where the other side has ended."""
    return self.lines.readline().rstrip("\n")


@dataclass
class Load:
  """What became of many connections."""
  beginning: bytes                      # of each answer
  served: int = 0
  refused: list = field(default_factory=list)   # nobody listened, or nobody came
  cut: list = field(default_factory=list)       # taken, and ended without its answer
  ended: threading.Event = field(default_factory=threading.Event)
  lock: threading.Lock = field(default_factory=threading.Lock)

  def connect(self, port):
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as connection:
      answer = b"".join(iter(lambda: connection.recv(4096), b""))
    if not answer.startswith(self.beginning):
      raise ConnectionResetError(f"answered {answer!r}")

  def run(self, port):
    while not self.ended.is_set():
      try:
        self.connect(port)
        with self.lock:
          self.served += 1
      except OSError as error:
        kind = self.cut if isinstance(error, ConnectionResetError) else self.refused
        kind.append(f"{time.strftime('%T')} {error!r}")

  def wait_served(self, more):
    """Until so many more connections were served."""
    aim = self.served + more
    wait_until(lambda: self.served >= aim or self.refused, lambda: str(self))


@contextlib.contextmanager
def load(guest, port, beginning, threads=8):
  """Short connections, one after the other in each thread, during the block."""
  result = Load(beginning.encode())
  clients = [Client(guest, lambda: result.run(port)) for _ in range(threads)]
  try:
    result.wait_served(threads)
    yield result
  finally:
    result.ended.set()
    for client in clients:
      client.join(2 * DEADLINE)
  assert not any(client.is_alive() for client in clients)
