# SPDX-License-Identifier: MIT
"""Out of handlers, descriptors or processes: listeners pause, it is said once, and it heals.
No port ever closes."""

import os
import pwd
import socket
import time

from clients import ask, connect, read_all
from processes import processor_ticks, status_of

PAUSED = "warning superd: listeners paused: "
RESUMED = "info superd: listeners resumed"


def held_clients(daemon, count, service="echo"):
    """Clients that have a connection; how many of them have a handler yet is superd's affair."""
    return [connect(daemon.port(service)) for _ in range(count)]


def finish(clients):
    for number, client in enumerate(clients):
        client.sendall(b"%d\n" % number)
        client.shutdown(socket.SHUT_WR)
    for number, client in enumerate(clients):
        assert read_all(client) == b"%d\n" % number
        client.close()


def test_at_the_limit_of_instances_clients_wait_and_all_are_served(superd):
    daemon = superd({"echo": {"run": "/bin/cat"}}, {"instances": 3})
    clients = held_clients(daemon, 12)
    daemon.log.wait_for("started", count=3)
    daemon.log.wait_for(PAUSED)
    finish(clients)
    daemon.log.wait_for(RESUMED)
    daemon.log.wait_for("ended .* exit=0", count=12)


def test_a_pause_is_said_once_and_counts_for_all_services(superd):
    daemon = superd({"echo": {"run": "/bin/cat"}, "other": {"run": "/bin/cat"}}, {"instances": 2})
    clients = held_clients(daemon, 20) + held_clients(daemon, 20, "other")
    daemon.log.wait_for(PAUSED)
    assert len(daemon.log.find("started")) == 2
    assert len(daemon.log.find(PAUSED)) == 1
    finish(clients)
    assert ask(daemon.port("other"), b"healed\n") == b"healed\n"


def test_out_of_descriptors_listeners_pause_once_and_heal(superd):
    daemon = superd(
        {"echo": {"run": "/bin/cat", "linger": "10s"}}, prefix=["prlimit", "--nofile=128:128"]
    )
    clients = held_clients(daemon, 200)
    (paused,) = daemon.log.wait_for(PAUSED + "(.*)")
    assert "descriptor" in paused[1] or "Too many open files" in paused[1]
    finish(clients)
    daemon.log.wait_for(RESUMED)
    assert ask(daemon.port("echo"), b"healed\n") == b"healed\n"


def test_out_of_processes_listeners_pause_and_heal(superd, another_user, reachable_superd):
    games = pwd.getpwnam("games").pw_uid
    daemon = superd(
        {"echo": {"run": "/bin/cat"}},
        prefix=[*another_user, "prlimit", "--nproc=12"],
        binary=reachable_superd,
    )
    assert status_of(daemon.pid, "Uid").split()[0] == str(games)
    clients = held_clients(daemon, 30)
    (paused,) = daemon.log.wait_for(PAUSED + "(.*)")
    assert "process" in paused[1] or "Resource temporarily unavailable" in paused[1]
    finish(clients)
    daemon.log.wait_for(RESUMED)
    assert ask(daemon.port("echo"), b"healed\n") == b"healed\n"


def test_a_paused_superd_does_not_spin(superd):
    daemon = superd({"echo": {"run": "/bin/cat"}}, {"instances": 1})
    clients = held_clients(daemon, 50)
    daemon.log.wait_for(PAUSED)
    lines, used = len(daemon.log.refresh()), processor_ticks(daemon.pid)
    time.sleep(1)
    assert processor_ticks(daemon.pid) - used < os.sysconf("SC_CLK_TCK") / 4
    assert len(daemon.log.refresh()) - lines < 5
    finish(clients)


def test_a_paused_superd_still_ends_when_it_is_told(superd):
    daemon = superd({"echo": {"run": "/bin/cat"}}, {"instances": 1})
    clients = held_clients(daemon, 10)
    daemon.log.wait_for(PAUSED)
    daemon.stop()
    for client in clients:
        client.close()


def test_a_handler_without_memory_to_start_is_no_fault_of_others(superd):
    starved = {"run": "/bin/cat", "rlimits": {"as": "64K"}}
    daemon = superd({"starved": starved, "fine": {"run": "/bin/cat"}})
    assert ask(daemon.port("starved")) == b""
    assert ask(daemon.port("fine"), b"fine\n") == b"fine\n"
