# SPDX-License-Identifier: MIT
"""Addresses that can't be bound: the same form of diagnostic, status 1, and nothing has begun."""

import re
import socket
import subprocess

from clients import ask
from daemon import run, table


def started(room, services, *arguments):
    file = room / "second.yaml"
    file.write_text(table(services), encoding="utf-8")
    return run("--config", "second.yaml", *arguments, cwd=room)


def test_a_port_in_use_is_named_and_so_is_its_holder(superd, room):
    holder = superd({"echo": {"run": "/bin/cat"}})
    port = holder.port("echo")
    ended = started(room, {"mine": {"listen": f"127.0.0.1:{port}", "run": "/bin/cat"}})
    assert ended.returncode == 1
    assert re.match(r"(.*/)?second\.yaml:\d+:\d+: service 'mine': ", ended.stderr)
    assert str(port) in ended.stderr and "in use" in ended.stderr
    assert "superd" in ended.stderr and str(holder.pid) in ended.stderr
    assert ask(port, b"still mine") == b"still mine"


def test_a_port_in_use_by_another_program(room, as_root):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        ended = started(room, {"mine": {"listen": f"127.0.0.1:{port}", "run": "/bin/cat"}})
    assert ended.returncode == 1
    assert f":{port}" in ended.stderr and "python3" in ended.stderr


def test_all_addresses_that_can_not_be_bound_are_told(room):
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(
        ("127.0.0.1", 0)
    ) as two:
        ports = [one.getsockname()[1], two.getsockname()[1]]
        listen = [f"127.0.0.1:{port}" for port in ports]
        ended = started(room, {"mine": {"listen": listen, "run": "/bin/cat"}})
    assert ended.returncode == 1
    assert all(str(port) in ended.stderr for port in ports)


def test_the_same_address_twice_in_one_table(room):
    services = {name: {"listen": "127.0.0.1:7999", "run": "/bin/cat"} for name in ("one", "two")}
    ended = started(room, services, "--check")
    assert ended.returncode == 2
    assert re.match(r"(.*/)?second\.yaml:\d+:\d+: service 'two': .*7999.*'one'", ended.stderr)


def test_an_address_that_is_not_on_this_host(room):
    ended = started(room, {"x": {"listen": "198.51.100.7:0", "run": "/bin/cat"}})
    assert ended.returncode == 1
    assert re.match(r"(.*/)?second\.yaml:\d+:\d+: service 'x': .*198\.51\.100\.7", ended.stderr)
    assert "this host" in ended.stderr or "Cannot assign" in ended.stderr


def test_port_79_as_an_ordinary_user(room, another_user, reachable_superd):
    file = room / "second.yaml"
    file.write_text(table({"finger": {"listen": "127.0.0.1:79", "run": "/bin/cat"}}))
    command = [*another_user, reachable_superd, "--config", "second.yaml"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=room)
    assert ended.returncode == 1
    assert re.match(r"(.*/)?second\.yaml:\d+:\d+: service 'finger': .*79", ended.stderr)
    assert "root" in ended.stderr or "CAP_NET_BIND_SERVICE" in ended.stderr


def test_check_binds_nothing(superd, room):
    port = superd({"echo": {"run": "/bin/cat"}}).port("echo")
    ended = started(room, {"mine": {"listen": f"127.0.0.1:{port}", "run": "/bin/cat"}}, "--check")
    assert ended.returncode == 0, ended.stderr
