#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""take_one.py: one of many programs at one socket, descriptor 0. It serves one visitor at a time: a
client is told its pid and stays until it leaves; a datagram is answered by the pid, and is the last."""
import contextlib
import os
import signal
import socket

own = socket.socket(fileno=0)
if own.type == socket.SOCK_DGRAM:
    _, sender = own.recvfrom(1 << 16)
    own.sendto(b"%d" % os.getpid(), sender)
    signal.pause()
while True:
    assert os.get_blocking(0)  # whoever else looks at the socket
    client, _ = own.accept()
    with client, contextlib.suppress(ConnectionError):  # it may leave any way it likes
        client.sendall(b"%d\n" % os.getpid())
        while text := client.recv(4096):
            client.sendall(text)
