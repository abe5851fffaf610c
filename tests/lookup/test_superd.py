# SPDX-License-Identifier: MIT
"""superd, superd-lookup, the resolver and libwrap together; and IPv6 as networks have it. All
addresses of the documentation are this machine's here."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import DEADLINE, PROGRAM, wait_until
from name_server import reverse

sys.path.append(str(Path(__file__).resolve().parents[1] / "end_to_end"))
import daemon as superd_under_test  # noqa: E402

IPV6_FREEBIND = 78  # linux/in6.h; Python has no name for it
GREETING = b"in\n"
GREETS = {"listen": "0", "run": ["/bin/echo", "in"]}
STAYS = {"listen": "0", "run": ["/bin/sh", "-c", "echo in; read word"]}
with_libwrap = pytest.mark.skipif(os.environ.get("SUPERD_HAS_LIBWRAP") != "1",
                                  reason="built without libwrap")


@pytest.fixture(scope="session")
def addresses(network):
  """Everybody in these networks can be the visitor."""
  for prefix in ("192.0.2.0/24", "2001:db8::/32"):
    command = ["ip", "route", "replace", "local", prefix, "dev", "lo"]
    subprocess.run(command, check=True, timeout=DEADLINE)


@pytest.fixture
def superd(addresses, names, room):
  """superd({"x": {…}}): it runs with these services, and is ended after the test."""
  folder = room / "bin"
  folder.mkdir()
  for name in ("superd", "superd-lookup", "superd-relay"):
    shutil.copy(PROGRAM.with_name(name), folder / name)
  with contextlib.ExitStack() as running:

    def start(services):
      file = room / "superd.yaml"
      file.write_text(superd_under_test.table(services))
      one = superd_under_test.Superd(room, ["--config", file], binary=folder / "superd")
      return running.enter_context(one).wait_ready()

    yield start


def connect(port, source):
  is_v6 = ":" in source
  client = socket.socket(socket.AF_INET6 if is_v6 else socket.AF_INET)
  try:
    client.settimeout(DEADLINE)
    if is_v6:
      client.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
    client.bind((source, 0))
    client.connect(("::1" if is_v6 else "127.0.0.1", port))
  except OSError:
    client.close()
    raise
  return client


def read_all(client):
  said = b""
  while more := client.recv(100):
    said += more
  return said


def lets_in(port, source):
  with connect(port, source) as client:
    said = read_all(client)
  assert said in (GREETING, b"")
  return said == GREETING


def refusals(daemon, service="x"):
  return daemon.control.service(service)["refused"]


def test_a_name_counts_where_both_directions_agree(superd, names):
  names({(reverse("192.0.2.1"), "PTR"): ["a.example.org"], ("a.example.org", "A"): ["192.0.2.1"],
         (reverse("192.0.2.2"), "PTR"): ["a.example.org"],
         (reverse("2001:db8::1"), "PTR"): ["six.example.org"],
         ("six.example.org", "AAAA"): ["2001:db8::1"]})
  daemon = superd({"x": {**GREETS, "allow": [".example.org"]},
                   "y": {**GREETS, "deny": [".example.org"]}})
  visitors = {"192.0.2.1": True, "192.0.2.2": False, "192.0.2.3": False, "2001:db8::1": True,
              "2001:db8::2": False}
  port = daemon.port("x")
  assert {source: lets_in(port, source) for source in visitors} == visitors
  assert refusals(daemon) == {"name": 3}
  # Who lies is nobody; denied is who is really called so.
  port = daemon.port("y")
  assert {source: not lets_in(port, source) for source in visitors} == visitors


def test_a_name_server_that_never_answers_holds_up_nobody_else(superd, names, network):
  names({}, slow={"arpa": None})
  daemon = superd({"x": {**GREETS, "allow": [".example.org", "192.0.2.9"]},
                   "y": {**GREETS, "deny": [".example.org"]}})
  with connect(daemon.port("x"), "192.0.2.1") as asked, \
       connect(daemon.port("y"), "192.0.2.1") as other:
    wait_until(lambda: network.asked, "a question to the name server")
    for _ in range(20):
      assert lets_in(daemon.port("x"), "192.0.2.9")
    assert refusals(daemon) == {}
    assert read_all(asked) == b""  # no answer is no match: not in allow
    assert read_all(other) == GREETING  # nor in deny
  assert refusals(daemon) == {"name": 1} and refusals(daemon, "y") == {}


def test_who_is_being_asked_about_is_served_after_an_upgrade(superd, names, network):
  names({}, slow={"arpa": None})
  daemon = superd({"x": {**GREETS, "allow": [".example.org"]}})
  with connect(daemon.port("x"), "192.0.2.1") as asked:
    wait_until(lambda: network.asked, "a question to the name server")
    daemon.control.ask("upgrade")
    names({(reverse("192.0.2.1"), "PTR"): ["a.example.org"],
           ("a.example.org", "A"): ["192.0.2.1"]})
    assert read_all(asked) == GREETING
  assert refusals(daemon) == {}


@with_libwrap
def test_hosts_access(superd, names):
  names({(reverse("192.0.2.1"), "PTR"): ["a.example.org"], ("a.example.org", "A"): ["192.0.2.1"]})
  allow, deny = Path("/etc/hosts.allow"), Path("/etc/hosts.deny")
  daemon = superd({"x": {**GREETS, "hosts_access": "fingerd", "deny": ["192.0.2.66"]},
                   "y": GREETS})
  port = daemon.port("x")
  try:
    allow.write_text("fingerd: .example.org, 192.0.2.7, [2001:db8::]/64\n")
    deny.write_text("ALL: ALL\n")
    visitors = {"192.0.2.1": True, "192.0.2.2": False, "192.0.2.7": True, "2001:db8::5": True,
                "2001:db8:1::5": False, "192.0.2.66": False}
    assert {source: lets_in(port, source) for source in visitors} == visitors
    assert refusals(daemon) == {"hosts_access": 2, "address": 1}
    assert lets_in(daemon.port("y"), "192.0.2.2")
    deny.write_text("ALL: 192.0.2.2\n")
    assert lets_in(port, "192.0.2.3") and not lets_in(port, "192.0.2.2")
    deny.chmod(0o600)  # libwrap would let all in
    assert not lets_in(port, "192.0.2.3")
  finally:
    allow.unlink(missing_ok=True)
    deny.unlink(missing_ok=True)


def test_a_network_of_ipv6_is_one_source(superd):
  daemon = superd({"x": {**STAYS, "limits": {"per_source": 1}},
                   "y": {**GREETS, "limits": {"rate_per_source": "1/d burst 2"}},
                   "z": {**GREETS, "limits": {"rate_per_source": "1/d",
                                              "source_prefix": {"ipv6": 48}}}})
  with connect(daemon.port("x"), "2001:db8:0:1::1") as client:
    assert client.recv(100) == GREETING
    assert not lets_in(daemon.port("x"), "2001:db8:0:1:ffff::9")
    with connect(daemon.port("x"), "2001:db8:0:2::1") as other:
      assert other.recv(100) == GREETING
  port = daemon.port("y")
  sources = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1", "192.0.2.1"]
  assert [lets_in(port, one) for one in sources] == [True, True, False, True, True]
  port = daemon.port("z")
  sources = ["2001:db8::1", "2001:db8:0:1::1", "2001:db8:1::1"]
  assert [lets_in(port, one) for one in sources] == [True, False, True]
  assert refusals(daemon, "z") == {"rate_per_source": 1}


def test_the_log_notes_a_network_of_ipv6_once(superd):
  daemon = superd({"x": {**GREETS, "deny": ["2001:db8::/32"]}})
  for number in range(1, 30):
    assert not lets_in(daemon.port("x"), f"2001:db8::{number:x}")
  assert not lets_in(daemon.port("x"), "2001:db8:0:1::1")
  daemon.log.wait_for("refused \\d+ more from=2001:db8::/64 address")
  assert len(daemon.log.find("refused peer=\\[2001:db8:0:1::1\\]:")) == 1
  firsts = daemon.log.find("refused peer=\\[2001:db8::[0-9a-f]+\\]:")
  more = daemon.log.find("refused (\\d+) more from=2001:db8::/64 address")
  assert len(firsts) + sum(int(one[1]) for one in more) == 29


def test_a_stop_waits_for_nobody_who_is_being_asked_about(superd, names, network):
  names({}, slow={"arpa": None})
  daemon = superd({"x": {**GREETS, "allow": [".example.org"]},
                   "y": {**GREETS, "deny": [".example.org"]}})
  with connect(daemon.port("x"), "192.0.2.1") as asked, \
       connect(daemon.port("y"), "192.0.2.2") as other:
    wait_until(lambda: len(network.asked) >= 2, "both questions")
    daemon.stop()
    assert read_all(asked) == read_all(other) == b""


def test_a_stop_ends_the_line(superd, names):
  known = {(reverse("192.0.2.1"), "PTR"): ["a.example.org"],
           ("a.example.org", "A"): ["192.0.2.1"]}
  names(known)
  keys = {"allow": [".example.org"], "limits": {"instances": 1, "when_full": "wait"}}
  daemon = superd({"x": {**STAYS, **keys}})
  with contextlib.ExitStack() as open_ones:
    clients = [open_ones.enter_context(connect(daemon.port("x"), "192.0.2.1")) for _ in range(5)]
    assert clients[0].recv(100) == GREETING
    daemon.stop()
    for client in clients:
      with contextlib.suppress(ConnectionResetError):  # who waited in the backlog
        assert read_all(client) == b""
  assert len(daemon.log.find("service 'x': started ")) == 1


def test_an_upstream_is_looked_up_for_each_connection(superd, names):
  with socket.create_server(("192.0.2.11", 0)) as old, \
       socket.create_server(("192.0.2.12", old.getsockname()[1])) as new:
    port = old.getsockname()[1]
    daemon = superd({"x": {"listen": "0", "forward": f"up.example.org:{port}"}})
    for server, address in ((old, "192.0.2.11"), (new, "192.0.2.12")):
      names({("up.example.org", "A"): [address]})
      server.settimeout(DEADLINE)
      with connect(daemon.port("x"), "192.0.2.1") as client:
        upstream, _ = server.accept()
        with upstream:
          upstream.sendall(b"here")
          assert client.recv(10) == b"here"
    names({})
    with connect(daemon.port("x"), "192.0.2.1") as client, \
         contextlib.suppress(ConnectionResetError):
      assert client.recv(10) == b""
    daemon.log.wait_for("end=no-upstream .*error='No route to host'")


def test_a_name_that_is_never_answered_is_an_upstream_that_does_not_answer(superd, names):
  names({}, slow={"slow.example.org": None})
  with socket.create_server(("192.0.2.11", 0)) as server:
    server.settimeout(DEADLINE)
    to = ["slow.example.org:1", f"192.0.2.11:{server.getsockname()[1]}"]
    daemon = superd({"x": {"listen": "0", "forward": {"to": to, "connect_timeout": "200ms"}}})
    with connect(daemon.port("x"), "192.0.2.1") as client:
      upstream, _ = server.accept()
      with upstream:
        upstream.sendall(b"here")
        assert client.recv(10) == b"here"
