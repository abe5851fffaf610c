# SPDX-License-Identifier: MIT
"""Names that both directions agree on, and nothing else, whatever a name server says."""

import pytest

from name_server import reverse


def host(address, name, kind="A"):
  return {(reverse(address), "PTR"): [name], (name, kind): [address]}


def test_names_that_agree(lookup, names):
  names(host("192.0.2.1", "One.Example.ORG") | host("2001:db8::1", "six.example.org", "AAAA"))
  assert lookup.names_of("192.0.2.1") == ["one.example.org"]
  assert lookup.names_of("2001:db8::1") == ["six.example.org"]


def test_a_ptr_that_lies(lookup, names):
  names(host("192.0.2.1", "trusted.example.org") |
        {(reverse("203.0.113.66"), "PTR"): ["trusted.example.org"],
         (reverse("203.0.113.67"), "PTR"): ["no.such.example.org"]})
  assert lookup.names_of("203.0.113.66") == []
  assert lookup.names_of("203.0.113.67") == []
  assert lookup.names_of("192.0.2.1") == ["trusted.example.org"]


def test_no_ptr(lookup):
  assert lookup.ask("names 192.0.2.1") == "names"
  assert lookup.ask("names 2001:db8::1") == "names"


def test_of_several_names_those_that_agree(lookup, names):
  names({(reverse("192.0.2.1"), "PTR"): ["a.example.org", "lie.example.org", "b.example.org"],
         ("a.example.org", "A"): ["192.0.2.9", "192.0.2.1"], ("lie.example.org", "A"): ["192.0.2.2"],
         ("b.example.org", "A"): ["192.0.2.1"]})
  assert lookup.names_of("192.0.2.1") == ["a.example.org", "b.example.org"]


def test_an_alias_of_a_ptr_and_of_a_name(lookup, names):
  """RFC 2317: the reverse zone of less than 256 addresses."""
  delegated = "1.0/25.2.0.192.in-addr.arpa"
  names({(reverse("192.0.2.1"), "CNAME"): [delegated], (delegated, "PTR"): ["a.example.org"],
         ("a.example.org", "CNAME"): ["real.example.org"], ("real.example.org", "A"): ["192.0.2.1"]})
  assert lookup.names_of("192.0.2.1") == ["a.example.org"]


@pytest.mark.parametrize("labels", [
    [b"a b", b"org"], [b"a\nroot", b"org"], [b"a\0", b"org"], [b"\xff\xfe", b"org"], [b"a_b", b"org"],
    [b"a.b", b"org"], [b"*", b"org"], [b"-a", b"org"], [b"192", b"0", b"2", b"1"], [b"3221225985"],
    [b"0xc0000201"], [b"a" * 63] * 4, [b"\x1b[31m", b"org"]])
def test_what_is_no_name_counts_for_nothing(lookup, names, labels):
  names({(reverse("192.0.2.1"), "PTR"): [labels, "good.example.org"],
         ("good.example.org", "A"): ["192.0.2.1"]})
  assert lookup.names_of("192.0.2.1") == ["good.example.org"]
  names({(reverse("192.0.2.2"), "PTR"): [labels]})
  assert lookup.names_of("192.0.2.2") == []


def test_a_bare_name_isnt_searched_for_in_our_domain(lookup, names):
  names({(reverse("192.0.2.5"), "PTR"): ["www"], ("www.ours.example", "A"): ["192.0.2.5"]})
  assert lookup.names_of("192.0.2.5") == []


def test_names_from_the_hosts_file(lookup):
  assert lookup.names_of("192.0.2.77") == ["written", "written.example.org"]
  assert lookup.names_of("127.0.0.1") == ["localhost"]


def test_names_from_the_hosts_file_need_no_name_server(lookup, names):
  names({}, slow={"": None})
  assert lookup.names_of("192.0.2.77") == ["written", "written.example.org"]


def test_a_link_local_address_belongs_to_its_link(lookup, names):
  names(host("fe80::1", "near.example.org", "AAAA"))
  assert lookup.names_of("fe80::1%1") == []


def test_a_huge_answer(lookup, names):
  many = [f"host{number}.example.org" for number in range(100)]
  names({(reverse("192.0.2.1"), "PTR"): many} |
        {(name, "A"): [f"192.0.2.{1 + number}"] for number, name in enumerate(many)})
  assert lookup.names_of("192.0.2.1") == ["host0.example.org"]
  names({(reverse("192.0.2.1"), "PTR"): ["a.example.org"],
         ("a.example.org", "A"): [f"198.51.100.{n}" for n in range(250)] + ["192.0.2.1"]})
  assert lookup.names_of("192.0.2.1") == ["a.example.org"]


def test_many_names_are_cut(lookup, names):
  many = [f"host{number}.example.org" for number in range(30)]
  names({(reverse("192.0.2.1"), "PTR"): many} | {(name, "A"): ["192.0.2.1"] for name in many})
  assert len(lookup.names_of("192.0.2.1")) == 8


def test_a_server_that_never_answers_holds_up_nobody(lookup, names):
  names(host("192.0.2.1", "a.example.org"), slow={"100.51.198.in-addr.arpa": None})
  silent = [lookup.send(f"names 198.51.100.{number}") for number in range(12)]
  assert lookup.names_of("192.0.2.1") == ["a.example.org"]  # before any of them
  assert sorted(lookup.receive() for _ in silent) == [(number, "failed") for number in silent]


def test_a_forward_zone_that_never_answers(lookup, names):
  names(host("192.0.2.1", "a.example.org") | {(reverse("192.0.2.2"), "PTR"): ["a.never.example"]},
        slow={"never.example": None})
  silent = lookup.send("names 192.0.2.2")
  assert lookup.names_of("192.0.2.1") == ["a.example.org"]
  assert lookup.receive() == (silent, "failed")


def test_a_slow_server_is_waited_for(lookup, names):
  names(host("192.0.2.1", "a.example.org") | host("198.51.100.1", "slow.example.org"),
        slow={"100.51.198.in-addr.arpa": 1})
  slow = lookup.send("names 198.51.100.1")
  assert lookup.names_of("192.0.2.1") == ["a.example.org"]
  assert lookup.receive() == (slow, "names slow.example.org")


def test_many_addresses_at_once(lookup, names):
  zone = {}
  for number in range(400):
    zone |= host(f"10.0.{number // 200}.{number % 200}", f"host{number}.example.org")
  names(zone)
  expected, answered = {}, {}
  for number in range(400):
    if number >= 16:
      answered.update([lookup.receive()])
    at = lookup.send(f"names 10.0.{number // 200}.{number % 200}")
    expected[at] = f"names host{number}.example.org"
  while len(answered) < 400:
    answered.update([lookup.receive()])
  assert answered == expected


def test_more_than_it_takes_on_are_refused_at_once(lookup, names):
  names({}, slow={"arpa": None})
  asked = [lookup.send(f"names 198.51.100.{number}") for number in range(40)]
  assert {lookup.receive()[1] for _ in range(8)} == {"failed"}
  assert len(asked) == 40
