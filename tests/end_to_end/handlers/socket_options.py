#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# Tells which options its connection has.
import os
import socket

connection = socket.socket(fileno=0)
nodelay = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
keepalive = connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
os.write(1, f"nodelay={nodelay} keepalive={keepalive}\n".encode())
