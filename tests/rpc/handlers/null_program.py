#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An RPC program of versions 1 to 3 that knows procedure 0 only, which does nothing (RFC 5531). Its
stdin is a connection, or a socket of datagrams that it serves until nobody has come for a second."""

import socket
import struct
import sys

ACCEPTED, SUCCESS, MISMATCH = 0, 0, 2
LOWEST, HIGHEST = 1, 3
LAST = 0x80000000  # of a record's fragments


def answer(call):
    number, _, _, _, version = struct.unpack(">5I", call[:20])
    reply = struct.pack(">5I", number, 1, ACCEPTED, 0, 0)
    if LOWEST <= version <= HIGHEST:
        return reply + struct.pack(">I", SUCCESS)
    return reply + struct.pack(">3I", MISMATCH, LOWEST, HIGHEST)


def serve_connection(stream):
    while mark := stream.read(4):
        reply = answer(stream.read(struct.unpack(">I", mark)[0] & ~LAST))
        stream.write(struct.pack(">I", LAST | len(reply)) + reply)
        stream.flush()


def serve_datagrams(datagrams):
    datagrams.settimeout(1)
    try:
        while True:
            call, whose = datagrams.recvfrom(8192)
            datagrams.sendto(answer(call), whose)
    except TimeoutError:
        return


given = socket.socket(fileno=0)
if given.type == socket.SOCK_DGRAM:
    serve_datagrams(given)
else:
    serve_connection(given.makefile("rwb"))
sys.exit(0)
