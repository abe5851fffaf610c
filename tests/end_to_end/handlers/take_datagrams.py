#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""take_datagrams.py COUNT IDLE: answers datagrams on descriptor 0 in capitals until there were COUNT
or none came for IDLE seconds, then ends as inetd's wait programs do."""
import socket
import sys

count, idle = int(sys.argv[1]), float(sys.argv[2])
with socket.socket(fileno=0) as own:
    own.settimeout(idle)
    try:
        for _ in range(count):
            text, sender = own.recvfrom(1 << 16)
            own.sendto(text.upper(), sender)
    except TimeoutError:
        pass
