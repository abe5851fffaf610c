#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# Ends its own direction first, goes on reading, and tells on stderr what came after.
import socket

connection = socket.socket(fileno=0)
connection.sendall(b"no more from me\n")
connection.shutdown(socket.SHUT_WR)
came = b"".join(iter(lambda: connection.recv(65536), b""))
with open("/dev/stderr", "w", encoding="ascii") as log:
    print(f"{len(came)} bytes came after", file=log)
