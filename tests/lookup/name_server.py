# SPDX-License-Identifier: MIT
"""A DNS server of the tests' own: UDP on 127.0.0.1:53 of their network namespace. A zone is a
dictionary from (name, type) to records; what isn't in it doesn't exist."""

import ipaddress
import socket
import struct
import threading
import time

A, CNAME, PTR, AAAA = 1, 5, 12, 28
TYPES = {"A": A, "CNAME": CNAME, "PTR": PTR, "AAAA": AAAA}
NAME_ERROR, REFUSED = 3, 5


def reverse(address):
  return ipaddress.ip_address(address).reverse_pointer


def packed_name(name):
  """Labels are split at dots, or given as bytes one by one."""
  labels = name if isinstance(name, (list, tuple)) else [part.encode() for part in name.split(".")]
  return b"".join(bytes([len(label)]) + label for label in labels if label) + b"\0"


def packed(kind, value):
  if kind in (A, AAAA):
    return ipaddress.ip_address(value).packed
  return packed_name(value)


class NameServer:
  def __init__(self):
    self.learn({})
    self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    self.socket.bind(("127.0.0.1", 53))
    threading.Thread(target=self.serve, daemon=True).start()

  def learn(self, zone, slow=None):
    """`slow` is how long it takes over questions whose name ends so, in seconds; None: for ever."""
    self.zone = {(name.lower(), TYPES[kind]): values for (name, kind), values in zone.items()}
    self.slow = slow or {}
    self.asked = []

  def serve(self):
    while True:
      query, client = self.socket.recvfrom(4096)
      threading.Thread(target=self.answer, args=(query, client), daemon=True).start()

  def answer(self, query, client):
    name, kind, end = question_of(query)
    self.asked.append((name, kind))
    for ending, seconds in self.slow.items():
      if name.endswith(ending):
        if seconds is None:
          return
        time.sleep(seconds)
    self.socket.sendto(self.reply(query[:2], query[12:end], name, kind), client)

  def reply(self, number, question, name, kind):
    records = self.records(name, kind)
    body = b"".join(records or ())
    code = NAME_ERROR if records is None else 0
    return number + struct.pack(">HHHHH", 0x8580 | code, 1, len(records or ()), 0, 0) + question + body

  def records(self, name, kind):
    """The answer with its chain of CNAMEs; None: there is no such name."""
    if (alias := self.zone.get((name, CNAME))) is not None:
      return [record(name, CNAME, alias[0])] + (self.records(alias[0], kind) or [])
    if (values := self.zone.get((name, kind))) is not None:
      return [record(name, kind, value) for value in values]
    return [] if any(known == name for known, _ in self.zone) else None


def record(name, kind, value):
  data = packed(kind, value)
  return packed_name(name) + struct.pack(">HHIH", kind, 1, 5, len(data)) + data


def question_of(query):
  labels, at = [], 12
  while query[at]:
    labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
    at += query[at] + 1
  kind, = struct.unpack(">H", query[at + 1:at + 3])
  return ".".join(labels).lower(), kind, at + 5
