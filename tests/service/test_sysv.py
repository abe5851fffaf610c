# SPDX-License-Identifier: MIT
"""superd as a service where no systemd runs the machine: the init script, by service(8)."""

import json

import pytest

from guest_clients import Conversation, ask
from patience import wait_until

TABLE = "/etc/superd/superd.yaml"
OWN = "/etc/superd/superd.d/own.yaml"
PIDFILE = "/run/superd.pid"
LSB = "/lib/lsb/init-functions"
GREETING = "Hello, 127.0.0.1. superd started me for you alone.\n"
WRONG = json.dumps({"services": {"x": {"listen": "127.0.0.1:7011", "rum": "hello"}}})
RIGHT = json.dumps({"services": {"x": {"listen": "127.0.0.1:7011", "run": "hello"}}})


class System:
  def __init__(self, guest):
    self.guest = guest

  def service(self, verb, status=0):
    ended = self.guest.run("service", "superd", verb, check=False)
    assert ended.returncode == status, ended
    return ended.stdout + ended.stderr

  def pid(self):
    return self.guest.run("cat", PIDFILE).stdout.strip()


@pytest.fixture
def system(plain):
  system = System(plain)
  yield system
  system.guest.run("rm", "-f", OWN, "/etc/default/superd")
  system.service("stop")


@pytest.fixture(params=["with the functions of LSB", "without them"])
def started(system, request):
  if request.param == "without them":
    system.guest.run("mv", LSB, f"{LSB}.away")
  try:
    system.service("start")
    yield system
  finally:
    system.guest.run("sh", "-c", f"[ ! -e {LSB}.away ] || mv {LSB}.away {LSB}")


def test_it_starts_serves_and_stops(started):
  assert ask(started.guest, 7001) == GREETING
  assert ask(started.guest, 7002, "shout\n") == "SHOUT\n"
  pid = started.pid()
  assert started.service("status") == f"superd is running (pid {pid})\n"
  started.service("start")                  # it runs: nothing to do
  assert started.pid() == pid
  assert started.service("stop").startswith("Stopping the super-server: superd")
  assert started.service("status", status=3) == "superd is not running\n"
  assert ask(started.guest, 7001) is None
  started.service("stop")


def test_reload_takes_a_changed_table_and_refuses_a_wrong_one(started):
  pid = started.pid()
  started.guest.write(OWN, RIGHT)
  started.service("reload")
  assert ask(started.guest, 7011) == GREETING
  started.guest.write(OWN, WRONG)
  assert "did you mean 'run'" in started.guest.run("service", "superd", "force-reload",
                                                   check=False).stderr
  assert ask(started.guest, 7011) == GREETING
  assert started.pid() == pid


def test_a_restart_asks_first_whether_the_table_is_right(started):
  pid = started.pid()
  started.guest.write(OWN, WRONG)
  assert "did you mean 'run'" in started.service("restart", status=6)
  assert started.pid() == pid and ask(started.guest, 7001) == GREETING
  started.guest.write(OWN, RIGHT)
  started.service("restart")
  assert started.pid() != pid and ask(started.guest, 7011) == GREETING


def test_a_table_that_is_wrong_is_no_start(system):
  system.guest.write(OWN, WRONG)
  ended = system.guest.run("service", "superd", "start", check=False)
  assert ended.returncode != 0 and "did you mean 'run'" in ended.stderr
  system.service("status", status=3)
  system.service("reload", status=7)
  system.service("try-restart")
  system.service("status", status=3)


def test_what_a_crash_leaves_is_told_and_no_hindrance(system):
  system.service("start")
  system.guest.run("sh", "-c", f"kill -KILL {system.pid()}")
  wait_until(lambda: system.guest.run("flock", "-n", PIDFILE, "true", check=False).returncode == 0,
             "superd holds its pid file")
  assert "was killed" in system.service("status", status=1)
  system.service("start")
  assert ask(system.guest, 7001) == GREETING


def test_a_stop_has_a_deadline_of_its_own(system):
  """The second TERM stops what the first would have let finish."""
  system.guest.write("/etc/default/superd", "STOP_WAIT=1\n")
  system.service("start")
  with Conversation(system.guest, 7002) as conversation:
    assert conversation.say("on") == "ON"
    system.service("stop")
    assert conversation.hear() == ""
  system.service("status", status=3)


def test_an_unknown_verb_is_told(system):
  assert "usage:" in system.service("dance", status=2)
