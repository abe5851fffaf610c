# SPDX-License-Identifier: MIT
"""hosts.allow and hosts.deny, by libwrap."""

import os
from pathlib import Path

import pytest

import namespace
from conftest import is_alive, wait_until
from name_server import reverse

pytestmark = pytest.mark.skipif(os.environ.get("SUPERD_HAS_LIBWRAP") != "1",
                                reason="built without libwrap")


@pytest.fixture
def rules(network):
  """rules(allow=…, deny=…): the two files; None: there is none."""

  def write(allow=None, deny=None, mode=0o644):
    for name, text in (("hosts.allow", allow), ("hosts.deny", deny)):
      file = Path("/etc", name)
      file.unlink(missing_ok=True)
      if text is not None:
        file.write_text(text)
        file.chmod(mode)

  write()
  yield write
  write()


def test_without_files_all_may_come_in(lookup, rules):
  assert lookup.hosts_access("192.0.2.1") == "allowed"


def test_addresses_and_services(lookup, rules):
  rules(allow="sshd: 192.0.2.0/255.255.255.0, [2001:db8::]/32\n", deny="ALL: ALL\n")
  assert lookup.hosts_access("192.0.2.1") == "allowed"
  assert lookup.hosts_access("198.51.100.1") == "denied"
  assert lookup.hosts_access("192.0.2.1", daemon="ftpd") == "denied"
  assert lookup.hosts_access("2001:db8::1", local="2001:db8::2") == "allowed"
  assert lookup.hosts_access("2001:db9::1", local="2001:db8::2") == "denied"


def test_an_edit_holds_at_once(lookup, rules):
  rules(deny="ALL: ALL\n")
  assert lookup.hosts_access("192.0.2.1") == "denied"
  rules()
  assert lookup.hosts_access("192.0.2.1") == "allowed"


def test_names_are_confirmed(lookup, rules, names):
  names({(reverse("192.0.2.1"), "PTR"): ["a.example.org"], ("a.example.org", "A"): ["192.0.2.1"],
         (reverse("192.0.2.2"), "PTR"): ["a.example.org"]})
  rules(allow="sshd: .example.org\n", deny="ALL: ALL\n")
  assert lookup.hosts_access("192.0.2.1") == "allowed"
  assert lookup.hosts_access("192.0.2.2") == "denied"
  assert lookup.hosts_access("192.0.2.3") == "denied"


def test_a_silent_name_server_leaves_rules_by_address(lookup, rules, names):
  names({}, slow={"arpa": None})
  rules(allow="sshd: 192.0.2.1, .example.org\n", deny="ALL: ALL\n")
  assert lookup.hosts_access("192.0.2.1") == "allowed"
  assert lookup.hosts_access("192.0.2.2") in ("denied", "failed")


def test_a_client_of_a_unix_socket_is_its_user(lookup, rules):
  rules(allow="sshd: alice@ALL\n", deny="ALL: ALL\n")
  assert lookup.ask("hosts_access sshd uid 1000") == "allowed"
  assert lookup.ask("hosts_access sshd uid 0") == "denied"
  assert lookup.ask("hosts_access sshd uid 4242") == "denied"


def test_a_file_that_cant_be_read_lets_nobody_in(lookup, rules, errors):
  rules(deny="ALL: ALL\n", mode=0o600)
  assert lookup.hosts_access("192.0.2.1") == "failed"
  assert "cannot read /etc/hosts.deny: Permission denied" in errors()


def test_libwraps_complaints_are_told(lookup, rules, errors):
  rules(deny="nonsense\nALL: ALL\n")
  assert lookup.hosts_access("192.0.2.1") == "denied"
  assert "missing \":\" separator" in errors()


def test_commands_run_as_nobody(lookup, rules, room):
  (room / "out").mkdir()
  os.chown(room / "out", namespace.NOBODY, namespace.NOBODY)
  rules(allow=f"sshd: ALL: spawn (/usr/bin/id -u > {room}/out/id) : allow\n")
  assert lookup.hosts_access("192.0.2.1") == "allowed"
  wait_until(lambda: (room / "out/id").read_text() == "65534\n", "the command has run")


def test_a_program_in_the_place_of_ours_isnt_run(lookup, rules, room):
  rules(allow=f"sshd: ALL: twist /usr/bin/touch {room}/twisted\n")
  assert lookup.hosts_access("192.0.2.1") == "denied"
  assert not (room / "twisted").exists()


def test_a_command_that_takes_too_long_is_ended(lookup, rules, room):
  rules(allow=f"sshd: ALL: spawn (echo $$ > {room}/pid; exec /usr/bin/sleep 600) : allow\n")
  asked = lookup.send("hosts_access sshd 192.0.2.1 50000 198.51.100.1 22")
  assert lookup.names_of("127.0.0.1") == ["localhost"]
  assert lookup.receive() == (asked, "failed")
  pid = int((room / "pid").read_text())
  wait_until(lambda: not is_alive(pid), "the command is ended, too")
