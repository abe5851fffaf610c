# SPDX-License-Identifier: MIT
"""superd-warm by itself: each way in which a program waits for its first byte, and those that it
can't lead elsewhere."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from conftest import connected, eventually, read_to_end

WAYS = ["read", "readv", "recv", "recvmsg", "poll", "poll-timeout", "ppoll", "select", "pselect",
        "nonblocking", "thread", "copy"]


def wait_until_in_stub(handler):
  """It is ready a moment before it is scheduled, and a signal then comes before its read."""
  recvfrom = ("45", "207")  # x86_64, aarch64
  path = f"/proc/{handler.process.pid}/syscall"
  eventually(lambda: Path(path).read_text().split()[0] in recvfrom)


@pytest.fixture
def waits(build):
  return build("waits.c")


@pytest.mark.parametrize("how", WAYS)
def test_leads_each_way_of_waiting_to_the_connection(warm, waits, how):
  handler = warm([waits, how])
  assert handler.told == "ready"
  client = handler.visit()
  client.sendall(b"hello")
  client.shutdown(socket.SHUT_WR)
  assert read_to_end(client) == b"hello"
  assert handler.end() == 0


@pytest.mark.parametrize("how, why", [
    ("epoll", "it waits for its input with epoll"),
    ("both", "it waits for other descriptors as well"),
    ("ends", "it ended before it read anything"),
    ("closes", "it has closed its input"),
])
def test_says_why_a_program_can_not_be_kept_warm(warm, waits, how, why):
  assert warm([waits, how], longest=1).told == why


def test_says_that_a_program_may_not_be_looked_at(warm):
  if os.geteuid() != 0:
    pytest.skip("needs root")
  code = "import ctypes; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); input()"  # PR_SET_DUMPABLE
  handler = warm(["/usr/bin/python3", "-c", code], longest=1, user=65534, group=65534, extra_groups=[])
  assert handler.told.startswith("it may not be ")


def test_says_that_there_is_no_such_program(warm, tmp_path):
  script = tmp_path / "script"
  script.write_text("#!/no/such/interpreter\n")
  script.chmod(0o755)
  assert warm([str(script)]).told == "it could not be started: No such file or directory"


def test_waits_as_a_user_without_power(warm):
  if os.geteuid() != 0:
    pytest.skip("needs root")
  handler = warm(["cat"], user=65534, group=65534, extra_groups=[])
  assert handler.told == "ready"
  client = handler.visit()
  client.sendall(b"hello")
  assert client.recv(5) == b"hello"


def test_nobody_is_left_behind_or_traces(warm):
  handler = warm(["cat"])
  status = f"/proc/{handler.process.pid}"
  eventually(lambda: "TracerPid:\t0" in open(f"{status}/status").read())
  assert open(f"{status}/task/{handler.process.pid}/children").read() == ""
  assert sorted(os.listdir(f"{status}/fd")) == ["0", "1", "2"]


def test_the_end_of_the_pair_ends_it_with_status_0(warm):
  handler = warm(["cat"])
  handler.pair.close()
  assert handler.end() == 0


def test_carries_socket_options_over(warm, waits):
  handler = warm([waits, "keepalive"])
  client = handler.visit()
  client.sendall(b"x")
  assert read_to_end(client) == b"kept"


def test_a_signal_after_which_reads_go_on_changes_nothing(warm, waits):
  handler = warm([waits, "restart"], stderr=subprocess.PIPE)
  for _ in range(3):
    os.kill(handler.process.pid, signal.SIGUSR1)
    assert handler.process.stderr.read(5) == b"tick\n"
  client = handler.visit()
  client.sendall(b"hello")
  assert client.recv(5) == b"hello"
  handler.process.stderr.close()


def test_a_signal_that_interrupts_reads_does_so(warm, waits):
  handler = warm([waits, "interrupt"])
  wait_until_in_stub(handler)
  os.kill(handler.process.pid, signal.SIGUSR1)
  assert handler.end() == 7


def test_a_process_that_was_interrupted_takes_no_connection_any_more(warm):
  code = """
import os, signal, time
def late(number, frame):
  os.write(2, b"interrupted")
  time.sleep(60)
signal.signal(signal.SIGUSR1, late)
os.read(0, 1)
"""
  handler = warm(["/usr/bin/python3", "-c", code], stderr=subprocess.PIPE)
  wait_until_in_stub(handler)
  os.kill(handler.process.pid, signal.SIGUSR1)
  assert handler.process.stderr.read(11) == b"interrupted"
  handler.process.stderr.close()
  client, server = connected()
  with client, pytest.raises(BrokenPipeError):
    handler.take(server)


def test_an_alarm_rings_while_it_waits(warm):
  handler = warm(["perl", "-e", "$SIG{ALRM} = sub { exit 9 }; alarm 1; <STDIN>"])
  assert handler.told == "ready"
  assert handler.end() == 9


def test_what_it_says_first_waits_in_the_pair(warm):
  handler = warm(["sh", "-c", "echo 220 ready; while read line; do echo got $line; done"])
  assert handler.told == "ready"
  assert handler.pair.recv(100) == b"220 ready\n"
  client = handler.visit()
  client.sendall(b"one\n")
  assert client.recv(100) == b"got one\n"


def test_knows_its_peer(warm):
  code = """
import socket, sys
sys.stdin.buffer.read(1)
print(socket.socket(fileno=0).getpeername()[1])
"""
  handler = warm(["/usr/bin/python3", "-c", code])
  client = handler.visit()
  port = client.getsockname()[1]
  client.sendall(b"x")
  assert read_to_end(client) == b"%d\n" % port


def test_does_not_wait_for_ever(warm):
  start = time.monotonic()
  assert warm(["sleep", "60"], longest=0.2).told == "it has not read anything in time"
  assert time.monotonic() - start < 30


