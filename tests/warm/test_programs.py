# SPDX-License-Identifier: MIT
"""Programs as they are, in many languages: each gives the same bytes warm as cold."""

import os
import shutil
import socket
import struct

import pytest

from conftest import Cold, read_to_end

ROUNDS = int(os.environ.get("SUPERD_WARM_ROUNDS", "5"))
LINES = b"one\n" + b"x" * 3000 + b"\nthree\n"
BINARY = bytes(range(256)) * 300

PYTHON = """
import json, http.client, logging, sys
for line in sys.stdin.buffer:
  sys.stdout.buffer.write(json.dumps({"got": len(line)}).encode() + b"\\n")
"""
PERL = '$| = 1; while (<STDIN>) { print "got $_" }'
RUBY = "$stdout.sync = true; STDIN.each_line { |line| print 'got ', line }"
PHP = 'while (($line = fgets(STDIN)) !== false) echo "got ", $line;'
NODE = """
const lines = require("fs").readFileSync(0).toString().split("\\n");
process.stdout.write("got " + lines.length + "\\n");
"""
NODE_STREAM = "process.stdin.pipe(process.stdout)"
SHELL = 'while read line; do echo "got $line"; done'
GREETING = 'echo "220 hello"; while read line; do echo "got $line"; done'

# (name, command, what is sent, whether it can be kept warm)
PROGRAMS = [
    ("cat", ["cat"], BINARY, True),
    ("sort", ["sort"], LINES, True),
    ("python", ["/usr/bin/python3", "-c", PYTHON], LINES, True),
    ("perl", ["perl", "-e", PERL], LINES, True),
    ("ruby", ["ruby", "-e", RUBY], LINES, True),
    ("php", ["php", "-r", PHP], LINES, True),
    ("bash", ["bash", "-c", SHELL], LINES, True),
    ("dash", ["dash", "-c", SHELL], LINES, True),
    ("mawk", ["mawk", '{ print "got " $0; fflush() }'], LINES, True),
    ("gawk", ["gawk", '{ print "got " $0; fflush() }'], LINES, True),
    ("node", ["node", "-e", NODE], LINES, True),
    ("node-stream", ["node", "-e", NODE_STREAM], LINES, False),
    ("greeting", ["dash", "-c", GREETING], LINES, True),
    ("static-c", ("lines.c", "-static"), LINES, True),
    ("dynamic-c", ("lines.c",), LINES, True),
    ("iostreams", ("lines.cc",), LINES, True),
]


def command_of(program, build):
  if isinstance(program, tuple):
    return [build(*program)]
  if not shutil.which(program[0]):
    pytest.skip(f"no {program[0]}")
  return program


def greeting_of(handler):
  """What superd would have moved to the client before."""
  handler.pair.setblocking(False)
  try:
    return handler.pair.recv(65536)
  except BlockingIOError:
    return b""
  finally:
    handler.pair.setblocking(True)


def answer_of(client, request):
  client.sendall(request)
  client.shutdown(socket.SHUT_WR)
  with client:
    return read_to_end(client)


@pytest.mark.parametrize("program, request_, is_warm",
                         [pytest.param(*row[1:], id=row[0]) for row in PROGRAMS])
def test_gives_the_same_bytes_warm_as_cold(program, request_, is_warm, warm, build):
  command = command_of(program, build)
  cold = Cold(command)
  expected = answer_of(cold.client, request_)
  assert cold.process.wait(30) == 0 and expected
  if not is_warm:
    assert warm(command, longest=5).told == "it waits for its input with epoll"
    return
  for _ in range(ROUNDS):
    handler = warm(command)
    assert handler.told == "ready"
    greeting = greeting_of(handler)
    assert greeting + answer_of(handler.visit(), request_) == expected
    assert handler.end() == 0
    handler.let_go()


@pytest.mark.parametrize("command", [["cat"], ["perl", "-e", PERL]], ids=["cat", "perl"])
def test_a_client_that_resets_ends_it_as_it_would_cold(warm, command):
  for _ in range(ROUNDS):
    handler = warm(command)
    client = handler.visit()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    handler.end()


def test_a_crowd_of_them_leaves_nothing(warm):
  handlers = [warm(["cat"]) for _ in range(30)]
  clients = [handler.visit() for handler in handlers]
  for i, client in enumerate(clients):
    assert answer_of(client, b"%d" % i) == b"%d" % i
  assert [handler.end() for handler in handlers] == [0] * 30
