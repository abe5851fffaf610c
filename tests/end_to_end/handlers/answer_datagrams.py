#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# answer_datagrams COUNT: answers so many of its peer's datagrams with its pid, who the peer is by
# its variables and by its socket, and what came; then it ends.
import os
import socket
import sys

peer = socket.socket(fileno=os.dup(0))
for _ in range(int(sys.argv[1])):
    text, sender = peer.recvfrom(1 << 16)
    known = os.environ["UDPREMOTEIP"], int(os.environ["UDPREMOTEPORT"])
    assert known == sender[:2] == peer.getpeername()[:2], (known, sender, peer.getpeername())
    os.write(1, b"%d %s %s " % (os.getpid(), sender[0].encode(), os.environ["UDPLOCALIP"].encode()) + text)
