# SPDX-License-Identifier: MIT
"""superd as a service of a real systemd: started, used, reloaded, killed, stopped."""

import json

import pytest

from guest_clients import Conversation, ask, load
from patience import wait_until

TABLE = "/etc/superd/superd.yaml"
OWN = "/etc/superd/superd.d/own.yaml"
DROP_IN = "/run/systemd/system/superd.service.d/test.conf"
GREETING = "Hello, 127.0.0.1. superd started me for you alone.\n"
CGROUPS = "/sys/fs/cgroup/systemd/system.slice/superd.service /sys/fs/cgroup/system.slice/superd.service"


class System:
  def __init__(self, guest):
    self.guest = guest
    self.delivered = guest.run("cat", TABLE).stdout
    self.beginning = guest.run("journalctl", "--lines=0", "--show-cursor").stdout.split()[-1]

  def service(self, verb, check=True):
    return self.guest.run("service", "superd", verb, check=check)

  def tells(self, name):
    return self.guest.run("systemctl", "show", "superd", "--property", name, "--value").stdout.strip()

  def main_pid(self):
    return int(self.tells("MainPID"))

  def is_active(self):
    return self.tells("ActiveState") == "active"

  def log(self):
    """What superd, and systemd of it, said since this test began."""
    return self.guest.run("journalctl", "--unit=superd", "--no-pager", "--output=cat",
                          f"--after-cursor={self.beginning}").stdout

  def signal(self, name):
    """To superd itself, not to its handlers."""
    self.guest.run("systemctl", "kill", "--kill-whom=main", f"--signal={name}", "superd")

  def kill(self):
    """SIGKILL, and the superd that comes after it."""
    before = self.main_pid()
    self.signal("KILL")
    self.wait_successor(before)

  def wait_successor(self, before):
    wait_until(lambda: self.is_active() and self.main_pid() not in (0, before), self.log)

  def left(self):
    """Processes in superd's control group."""
    listed = self.guest.run("sh", "-c", f"for g in {CGROUPS}; do cat $g/cgroup.procs; done 2>/dev/null",
                            check=False).stdout
    return listed.split()

  def drop_in(self, text):
    self.guest.write(DROP_IN, text)
    self.guest.run("systemctl", "daemon-reload")

  def restore(self):
    """As it was delivered, and stopped: no test sees what another did."""
    self.guest.run("rm", "-f", OWN, DROP_IN)
    self.guest.write(TABLE, self.delivered)
    self.guest.run("systemctl", "daemon-reload")
    self.guest.run("systemctl", "stop", "superd")
    self.guest.run("systemctl", "reset-failed", "superd", check=False)


@pytest.fixture
def system(booted):
  system = System(booted)
  yield system
  print(system.log()[-8000:])
  system.restore()


@pytest.fixture
def started(system):
  system.guest.run("systemctl", "enable", "--now", "superd")
  return system


def own(**services):
  return json.dumps({"services": services})


def test_the_unit_is_one_that_systemd_understands(system):
  said = system.guest.run("systemd-analyze", "verify", "--man=no", "superd.service")
  assert said.stdout + said.stderr == ""


def test_it_starts_serves_and_stops(system):
  assert system.service("status", check=False).returncode == 3
  assert ask(system.guest, 7001) is None
  system.service("start")
  assert ask(system.guest, 7001) == GREETING
  assert ask(system.guest, 7002, "shout\n") == "SHOUT\n"
  assert "Active: active (running)" in system.service("status").stdout
  assert system.tells("StatusText")
  system.service("stop")
  assert system.service("status", check=False).returncode == 3
  assert system.tells("Result") == "success"
  assert ask(system.guest, 7001) is None


def test_restart_serves_with_another_process(started):
  before = started.main_pid()
  started.service("restart")
  assert started.main_pid() != before
  assert ask(started.guest, 7001) == GREETING


def test_a_table_that_is_wrong_is_no_start_and_no_endless_one(system):
  system.guest.write(OWN, own(x={"listen": "127.0.0.1:7011", "rum": "hello"}))
  assert system.service("start", check=False).returncode != 0
  assert system.tells("ActiveState") == "failed"
  assert system.tells("NRestarts") == "0"
  assert "did you mean 'run'" in system.log()


def test_reload_takes_a_changed_table_without_a_new_process(started):
  before = started.main_pid()
  started.guest.write(OWN, own(new={"listen": "127.0.0.1:7011", "run": "hello"}))
  started.service("reload")
  assert ask(started.guest, 7011) == GREETING
  assert ask(started.guest, 7001) == GREETING
  assert started.main_pid() == before and started.is_active()


def test_reload_of_a_wrong_table_fails_and_the_old_one_serves(started):
  before = started.main_pid()
  started.guest.write(OWN, own(x={"listen": "127.0.0.1:7011", "rum": "hello"}))
  assert started.service("reload", check=False).returncode != 0
  assert "did you mean 'run'" in started.log()
  assert ask(started.guest, 7001) == GREETING
  assert ask(started.guest, 7011) is None
  assert started.main_pid() == before and started.is_active()


def test_killed_under_load_it_refuses_no_connection(started):
  """What superd had accepted, and not yet given to a program, dies with it: at most one of each
  client's. All that wait are served by the next one."""
  kills, clients = 5, 8
  with load(started.guest, 7001, "Hello", clients) as result:
    for _ in range(kills):
      started.kill()
      result.wait_served(20)
  assert not result.refused
  assert len(result.cut) <= kills * clients, result.cut
  assert int(started.tells("NRestarts")) >= 5


def test_restarted_under_load_it_loses_no_connection(started):
  with load(started.guest, 7001, "Hello") as result:
    for _ in range(3):
      started.service("restart")
      result.wait_served(20)
  assert not result.refused and not result.cut


def test_handlers_outlive_a_crash_and_end_with_a_stop(started):
  with Conversation(started.guest, 7002) as old:
    assert old.say("before") == "BEFORE"
    started.kill()
    assert old.say("after the crash") == "AFTER THE CRASH"
    with Conversation(started.guest, 7002) as new:
      assert new.say("served by the next") == "SERVED BY THE NEXT"
      started.drop_in("[Service]\nEnvironment=NOTHING=1\n")
      assert old.say("after a reload of units") == "AFTER A RELOAD OF UNITS"
      started.guest.write(TABLE, started.delivered.replace("stop_after: 30s", "stop_after: 1s"))
      started.service("reload")
      started.service("stop")
      assert new.hear() == ""
    assert old.hear() == ""
  assert started.left() == []


def test_a_stop_lets_handlers_finish(started):
  started.guest.write(OWN, own(slow={
      "listen": "127.0.0.1:7011", "run": ["/bin/sh", "-c", "echo on; sleep 2; echo done"]}))
  started.service("restart")
  with Conversation(started.guest, 7011) as conversation:
    assert conversation.hear() == "on"
    started.service("stop")
    assert conversation.hear() == "done"
  assert started.tells("Result") == "success"
  assert started.left() == []


def test_a_stopped_superd_is_noticed_by_the_watchdog(started):
  started.drop_in("[Service]\nWatchdogSec=2\n")
  started.service("restart")
  before = started.main_pid()
  started.signal("STOP")
  started.wait_successor(before)
  assert ask(started.guest, 7001) == GREETING
  assert "atchdog" in started.log()


def test_an_idle_superd_keeps_the_watchdog_content(started):
  started.drop_in("[Service]\nWatchdogSec=1\n")
  started.service("restart")
  before = started.main_pid()
  started.guest.run("sleep", "4")     # four times what would have been its end
  assert started.main_pid() == before and started.tells("NRestarts") == "0"


def test_a_unix_socket_outlives_a_crash_and_a_restart(started):
  path = "/run/superd/x.sock"
  started.guest.write(OWN, own(x={"listen": f"unix:{path}", "run": "hello"}))
  started.service("reload")

  def greeting():
    return started.guest.run("nc", "-N", "-U", "-w", "10", path, check=False).stdout

  assert "superd started me" in greeting()
  started.kill()
  assert "superd started me" in greeting()
  started.service("restart")
  assert "superd started me" in greeting()
