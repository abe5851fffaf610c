#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""notifier.py HOW: says by sd_notify(3) how it is, then serves one client at a time on descriptor 0.
What a client sends is the next message, and comes back."""
import os
import socket
import subprocess
import sys

address = os.environ["NOTIFY_SOCKET"]


def say(text, *descriptors):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
        own.connect("\0" + address[1:] if address[0] == "@" else address)
        socket.send_fds(own, [text.encode()], descriptors) if descriptors else own.send(text.encode())


match sys.argv[1]:
    case "ready":
        say("STATUS=begins")
        say("READY=1\nSTATUS=serves \x1b[1mall\nX_UNKNOWN=1")
    case "tool":
        subprocess.run(["systemd-notify", "--ready", "--status=by the tool"], check=True)
    case "daemon":
        begin, go = os.pipe()
        child = os.fork()
        if child == 0:
            os.setsid()
            os.read(begin, 1)
            say("READY=1\nSTATUS=by another")
            os._exit(0)
        say(f"MAINPID={child}")
        os.write(go, b"x")
    case "descriptors":
        ends = os.pipe()
        for _ in range(20):
            say("FDSTORE=1\nREADY=1\nSTATUS=stored", *ends)
    case "never":
        say("STATUS=tries")
server = socket.socket(fileno=0)
while True:
    client, _ = server.accept()
    with client:
        client.sendall(b"%d\n" % os.getpid())
        while text := client.recv(4096):
            say(text.decode())
            client.sendall(text)
