#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""take_connections.py: a daemon that accepts on LISTEN_FDS sockets, or on descriptor 0 without them.
Each client is told which socket it came to and by which pid, and then has its bytes echoed."""
import os
import selectors
import socket

names = os.environ.get("LISTEN_FDNAMES", "stdin").split(":")
numbers = [0]
if "LISTEN_FDS" in os.environ:
    assert int(os.environ["LISTEN_PID"]) == os.getpid()
    numbers = range(3, 3 + int(os.environ["LISTEN_FDS"]))
assert len(names) == len(numbers)

ready = selectors.DefaultSelector()
for number, name in zip(numbers, names):
    ready.register(socket.socket(fileno=number), selectors.EVENT_READ, name)
while True:
    for key, _ in ready.select():
        if key.data is not None:
            client, _ = key.fileobj.accept()
            client.sendall(f"{key.data} {os.getpid()}\n".encode())
            ready.register(client, selectors.EVENT_READ, None)
        elif text := key.fileobj.recv(4096):
            key.fileobj.sendall(text)
        else:
            ready.unregister(key.fileobj)
            key.fileobj.close()
