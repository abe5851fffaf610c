# SPDX-License-Identifier: MIT
"""superd-lookup itself: what it gives up, and how it ends."""

import os
import signal
import socket
import subprocess
from pathlib import Path

from conftest import AS_NOBODY, DEADLINE, ENVIRONMENT, Conversation, is_alive, wait_until


def status_of(pid):
  lines = Path(f"/proc/{pid}/status").read_text().splitlines()
  return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def children_of(pid):
  return [int(other.name) for other in Path("/proc").iterdir() if other.name.isdigit()
          and (other / "stat").exists() and parent_of(other) == pid]


def parent_of(process):
  try:
    return int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
  except OSError:
    return 0


def test_it_has_no_power(lookup):
  lookup.names_of("127.0.0.1")
  status = status_of(lookup.process.pid)
  assert status["NoNewPrivs"] == "1"
  assert status["Uid"].split() == ["65534"] * 4
  for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
    assert int(status[kind], 16) == 0, kind


def test_others_of_its_user_cant_look_into_it(lookup):
  lookup.names_of("127.0.0.1")
  looked = subprocess.run(["ls", "-l", f"/proc/{lookup.process.pid}/fd"], capture_output=True,
                          text=True, timeout=DEADLINE, check=False, **AS_NOBODY)
  assert looked.returncode != 0, looked.stdout


def test_it_ends_with_the_conversation_and_leaves_nobody(lookup, names):
  names({}, slow={"arpa": None})
  for number in range(5):
    lookup.send(f"names 192.0.2.{number}")
  jobs = wait_until(lambda: len(found := children_of(lookup.process.pid)) == 5 and found, "five jobs")
  assert lookup.end() == 0
  wait_until(lambda: not any(map(is_alive, jobs)), "jobs end along")


def test_jobs_end_when_it_is_killed(lookup, names):
  names({}, slow={"arpa": None})
  lookup.send("names 192.0.2.1")
  jobs = wait_until(lambda: children_of(lookup.process.pid), "a job")
  lookup.process.kill()
  assert lookup.process.wait(DEADLINE) == -signal.SIGKILL
  wait_until(lambda: not any(map(is_alive, jobs)), "jobs end along")


def test_a_job_that_dies_is_answered_for(lookup, names):
  names({}, slow={"arpa": None})
  asked = lookup.send("names 192.0.2.1")
  job, = wait_until(lambda: children_of(lookup.process.pid), "a job")
  os.kill(job, signal.SIGSEGV)
  assert lookup.receive() == (asked, "failed")
  assert lookup.names_of("127.0.0.1") == ["localhost"]


def test_term_ends_it(lookup):
  lookup.names_of("127.0.0.1")
  lookup.process.terminate()
  assert lookup.process.wait(DEADLINE) == 0


def test_nonsense_ends_it(names, program, room):
  with (room / "errors").open("wb") as errors:
    conversation = Conversation(program, errors)
  conversation.socket.send(b"1 names of anybody")
  assert conversation.process.wait(DEADLINE) == 1
  assert "no request" in (room / "errors").read_text()
  conversation.socket.close()


def test_it_isnt_for_people(program):
  ended = subprocess.run([program], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                         timeout=DEADLINE, check=False, env=ENVIRONMENT)
  assert ended.returncode == 2
  assert ended.stderr == "superd-lookup: this is started by superd, not by people\n"


def test_it_never_works_for_root(program):
  if os.geteuid() != 0:
    return
  ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
  with ours, theirs:
    ended = subprocess.run([program], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, text=True,
                           timeout=DEADLINE, check=False, env=ENVIRONMENT)
  assert (ended.returncode, ended.stderr) == (1, "not as root: Operation not permitted\n")
